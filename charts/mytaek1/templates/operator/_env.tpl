{{/* Variables of the operator. */}}
{{- define "mytaek1.operatorEnv" -}}
- name: STREAM_TEMPLATE_FILE
  value: /etc/mytaek1/stream-pod.yaml
- name: LEASE_NAME
  value: {{ include "mytaek1.name" (list . "operator") }}
- name: WARM_POOL_BUFFER
  value: {{ .Values.stream.warmPods | quote }}
- name: WARM_POOL_MAX
  value: {{ .Values.stream.maxPods | quote }}
- name: PUBLIC_HTTP_URL
  value: {{ .Values.public.httpUrl | quote }}
{{- with .Values.public.hlsUrl }}
- name: PUBLIC_HLS_URL
  value: {{ . | quote }}
{{- end }}
{{ include "mytaek1.commonEnv" (list . "operator") }}
{{- end -}}
