{{/* Variables of commerce, for its Pods and for its migrations. */}}
{{- define "mytaek1.commerceEnv" -}}
- name: MYSQL_URL
  valueFrom:
    secretKeyRef: { name: {{ include "mytaek1.databaseSecret" . }}, key: commerce-url }
- name: REDIS_URLS
  valueFrom:
    secretKeyRef: { name: {{ include "mytaek1.redisSecret" . }}, key: urls }
{{ include "mytaek1.s3Env" . }}
- name: SERVICE_TOKEN
  valueFrom:
    secretKeyRef: { name: {{ include "mytaek1.name" (list . "auth") }}, key: service-token }
- name: TOKEN_PRIVATE_KEY
  valueFrom:
    secretKeyRef: { name: {{ include "mytaek1.name" (list . "auth") }}, key: token-private-key }
- name: PAYMENT_URL
  value: http://{{ include "mytaek1.name" (list . "payment") }}:8080
- name: PUBLIC_HTTP_URL
  value: {{ .Values.public.httpUrl }}
- name: PUBLIC_RTMP_URL
  value: {{ .Values.public.rtmpUrl }}
{{ include "mytaek1.commonEnv" (list . "commerce") }}
{{- end -}}
