{{/* Variables of commerce, for its Pods and for its migrations. */}}
{{- define "mytaek1.commerceEnv" -}}
{{ include "mytaek1.mysqlEnv" (list . "commerce") }}
{{ include "mytaek1.redisEnv" . }}
{{ include "mytaek1.s3Env" . }}
- name: SERVICE_TOKEN
  valueFrom:
    {{- include "mytaek1.authKey" (list . "serviceToken") | nindent 4 }}
- name: SERVICE_TOKEN_OTHER
  valueFrom:
    {{- include "mytaek1.otherAuthKey" (list . "serviceToken") | nindent 4 }}
- name: TOKEN_PRIVATE_KEY
  valueFrom:
    {{- include "mytaek1.authKey" (list . "tokenPrivateKey") | nindent 4 }}
- name: TOKEN_PRIVATE_KEY_OTHER
  valueFrom:
    {{- include "mytaek1.otherAuthKey" (list . "tokenPrivateKey") | nindent 4 }}
- name: PAYMENT_URL
  value: http://{{ include "mytaek1.name" (list . "payment") }}:8080
- name: TRUSTED_PROXIES
  value: {{ .Values.ingress.trustedProxies | quote }}
- name: UNPAID_UNITS_PER_BUYER
  value: {{ .Values.commerce.unpaidPerBuyer.units | int | quote }}
- name: UNPAID_ORDERS_PER_BUYER
  value: {{ .Values.commerce.unpaidPerBuyer.orders | int | quote }}
- name: PUBLIC_HTTP_URL
  value: {{ .Values.public.httpUrl | quote }}
{{- with .Values.public.hlsUrl }}
- name: PUBLIC_HLS_URL
  value: {{ . | quote }}
{{- end }}
- name: PUBLIC_RTMP_URL
  value: {{ .Values.public.rtmpUrl | quote }}
{{ include "mytaek1.commonEnv" (list . "commerce") }}
{{- end -}}

{{/* Where commerce's Pods send mail: to your server, into the sink, or nowhere. Begins with a line's end, or is empty. */}}
{{- define "mytaek1.mailEnv" -}}
{{- $smtp := .Values.mail.smtp -}}
{{- if .Values.mail.sink.enabled }}
- name: SMTP_HOST
  value: {{ include "mytaek1.name" (list . "mail-sink") | quote }}
- name: SMTP_PORT
  value: "2525"
- name: SMTP_TLS
  value: none
- name: MAIL_FROM
  value: {{ .Values.mail.from | default "MyTaek1 <no-reply@mytaek1.example>" | quote }}
{{- else if $smtp.host }}
- name: SMTP_HOST
  value: {{ $smtp.host | quote }}
- name: SMTP_PORT
  value: {{ $smtp.port | int | quote }}
- name: SMTP_TLS
  value: {{ $smtp.tls }}
- name: MAIL_FROM
  value: {{ .Values.mail.from | quote }}
{{- if $smtp.user }}
- name: SMTP_USER
  value: {{ $smtp.user | quote }}
- name: SMTP_PASSWORD
  valueFrom:
    secretKeyRef: { name: {{ $smtp.existingSecret | quote }}, key: {{ $smtp.secretKeys.password | quote }} }
{{- end }}
{{- if $smtp.secretKeys.ca }}
- name: SMTP_CA
  valueFrom:
    secretKeyRef: { name: {{ $smtp.existingSecret | quote }}, key: {{ $smtp.secretKeys.ca | quote }} }
{{- end }}
{{- end }}
{{- end -}}
