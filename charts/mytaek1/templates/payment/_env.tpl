{{/* Variables of payment, for its Pods and for its migrations. */}}
{{- define "mytaek1.paymentEnv" -}}
{{ include "mytaek1.mysqlEnv" (list . "payment") }}
- name: SERVICE_TOKEN
  valueFrom:
    {{- include "mytaek1.authKey" (list . "serviceToken") | nindent 4 }}
- name: SERVICE_TOKEN_OTHER
  valueFrom:
    {{- include "mytaek1.otherAuthKey" (list . "serviceToken") | nindent 4 }}
- name: CARD_TOKEN_KEY
  valueFrom:
    {{- include "mytaek1.authKey" (list . "cardTokenKey") | nindent 4 }}
- name: CARD_TOKEN_KEY_OTHER
  valueFrom:
    {{- include "mytaek1.otherAuthKey" (list . "cardTokenKey") | nindent 4 }}
- name: COMMERCE_URL
  value: http://{{ include "mytaek1.name" (list . "commerce") }}:8080
- name: JWKS_URL
  value: http://{{ include "mytaek1.name" (list . "commerce") }}:8080/api/commerce/v1/jwks.json
- name: GATEWAY_URL
  value: {{ include "mytaek1.gatewayUrl" . | quote }}
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

{{/* Variables of the simulated card network; it keeps its own ledger in a database of its own, on payment's server. */}}
{{- define "mytaek1.simulatorEnv" -}}
{{ include "mytaek1.mysqlEnv" (list . "payment") }}
{{- with .Values.payment.simulator.database | default (ternary "simulator" "" .Values.mariadb.embedded) }}
- name: SIMULATOR_DATABASE
  value: {{ . | quote }}
{{- end }}
- name: WEBHOOK_URL
  value: http://{{ include "mytaek1.name" (list . "payment") }}:8080/api/payment/v1/webhooks/simulator
- name: LOG_LEVEL
  value: {{ .Values.logLevel }}
{{- range $name, $value := .Values.payment.simulator.env }}
- name: {{ $name | quote }}
  value: {{ $value | quote }}
{{- end }}
{{- end -}}
