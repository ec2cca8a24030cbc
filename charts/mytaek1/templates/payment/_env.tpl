{{/* Variables of payment, for its Pods and for its migrations. */}}
{{- define "mytaek1.paymentEnv" -}}
{{ include "mytaek1.mysqlEnv" (list . "payment") }}
{{ include "mytaek1.redisEnv" . }}
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
- name: TRUSTED_PROXIES
  value: {{ .Values.ingress.trustedProxies | quote }}
{{- range $name, $value := .Values.payment.limits }}
- name: LIMIT_{{ $name | snakecase | upper }}
  value: {{ $value | int64 | quote }}
{{- end }}
{{ include "mytaek1.commonEnv" (list . "payment") }}
{{- end -}}

{{/* The gateways, in order, and their keys: of Secrets of yours, which only payment's Pods read. */}}
{{- define "mytaek1.gatewayEnv" -}}
{{- $gateways := list -}}
{{- range .Values.payment.gateways -}}
{{- $gateways = append $gateways (omit . "existingSecret" "secretKeys") -}}
{{- end -}}
- name: PUBLIC_HTTP_URL
  value: {{ .Values.public.httpUrl | quote }}
- name: GATEWAYS
  value: {{ $gateways | toJson | quote }}
{{- if .Values.payment.simulator.enabled }}
- name: GATEWAY_URL
  value: http://{{ include "mytaek1.name" (list . "simulator") }}:8080
{{- end }}
{{- range .Values.payment.gateways }}
{{- $keys := .secretKeys | default dict }}
{{- if .existingSecret }}
- name: GATEWAY_{{ upper .name }}_SECRET_KEY
  valueFrom:
    secretKeyRef: { name: {{ .existingSecret | quote }}, key: {{ $keys.secretKey | default "secret-key" | quote }} }
{{- if has .name (list "portone" "stripe") }}
- name: GATEWAY_{{ upper .name }}_WEBHOOK_SECRET
  valueFrom:
    secretKeyRef: { name: {{ .existingSecret | quote }}, key: {{ $keys.webhookSecret | default "webhook-secret" | quote }} }
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Whether buyers go to the simulated network's own payment window. */}}
{{- define "mytaek1.simulatorWindow" -}}
{{- range .Values.payment.gateways -}}
{{- if and (eq .name "simulator") (eq (.keyIn | toString) "false") $.Values.payment.simulator.enabled -}}true{{- end -}}
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
- name: PUBLIC_URL
  value: {{ .Values.public.httpUrl | quote }}
{{- if include "mytaek1.hasCaBundle" . }}
- { name: NODE_EXTRA_CA_CERTS, value: /etc/mytaek1-ca/ca.crt }
{{- end }}
{{ include "mytaek1.ownEnv" .Values.payment.simulator }}
{{- end -}}
