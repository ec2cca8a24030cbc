{{/* Variables that lead to the object store. */}}
{{- define "mytaek1.s3Env" -}}
- name: S3_ENDPOINT
  value: {{ include "mytaek1.s3Endpoint" . }}
- name: S3_REGION
  value: {{ ternary "us-east-1" .Values.s3.external.region .Values.s3.embedded }}
- name: S3_BUCKET
  value: {{ .Values.s3.bucket }}
- name: S3_ACCESS_KEY_ID
  valueFrom:
    secretKeyRef: { name: {{ include "mytaek1.s3Secret" . }}, key: access-key-id }
- name: S3_SECRET_ACCESS_KEY
  valueFrom:
    secretKeyRef: { name: {{ include "mytaek1.s3Secret" . }}, key: secret-access-key }
{{- end -}}

{{- define "mytaek1.s3Endpoint" -}}
{{- if .Values.s3.embedded -}}
http://{{ include "mytaek1.name" (list . "s3") }}:7070
{{- else -}}
{{- required "s3.external.endpoint is required when s3.embedded is false" .Values.s3.external.endpoint -}}
{{- end -}}
{{- end -}}
