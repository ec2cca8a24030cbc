{{/* Variables of payment, for its Pods and for its migrations. */}}
{{- define "mytaek1.paymentEnv" -}}
- name: MYSQL_URL
  valueFrom:
    secretKeyRef: { name: {{ include "mytaek1.databaseSecret" . }}, key: payment-url }
- name: SERVICE_TOKEN
  valueFrom:
    secretKeyRef: { name: {{ include "mytaek1.name" (list . "auth") }}, key: service-token }
- name: CARD_TOKEN_KEY
  valueFrom:
    secretKeyRef: { name: {{ include "mytaek1.name" (list . "auth") }}, key: card-token-key }
- name: COMMERCE_URL
  value: http://{{ include "mytaek1.name" (list . "commerce") }}:8080
- name: JWKS_URL
  value: http://{{ include "mytaek1.name" (list . "commerce") }}:8080/api/commerce/v1/jwks.json
- name: GATEWAY_URL
  value: {{ include "mytaek1.gatewayUrl" . }}
{{ include "mytaek1.commonEnv" (list . "payment") }}
{{- end -}}

{{/* Where cards are charged: the simulated network, unless values name a real gateway. */}}
{{- define "mytaek1.gatewayUrl" -}}
{{- if .Values.payment.gatewayUrl -}}
{{- .Values.payment.gatewayUrl -}}
{{- else if .Values.payment.simulator.enabled -}}
http://{{ include "mytaek1.name" (list . "simulator") }}:8080
{{- else -}}
{{- fail "payment.gatewayUrl is required when payment.simulator.enabled is false" -}}
{{- end -}}
{{- end -}}

{{/* Variables of the simulated card network; it keeps its own ledger beside payment's tables. */}}
{{- define "mytaek1.simulatorEnv" -}}
- name: MYSQL_URL
  valueFrom:
    secretKeyRef: { name: {{ include "mytaek1.databaseSecret" . }}, key: payment-url }
- name: LOG_LEVEL
  value: {{ .Values.logLevel }}
{{- range $name, $value := .Values.payment.simulator.env }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end -}}
