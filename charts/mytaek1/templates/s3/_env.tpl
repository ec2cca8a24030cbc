{{/* Variables that lead to the object store. */}}
{{- define "mytaek1.s3Env" -}}
{{- $embedded := .Values.s3.embedded -}}
- name: S3_ENDPOINT
  value: {{ ternary (printf "http://%s:7070" (include "mytaek1.name" (list . "s3"))) .Values.s3.external.endpoint $embedded }}
- name: S3_REGION
  value: {{ ternary "us-east-1" .Values.s3.external.region $embedded }}
- name: S3_BUCKET
  value: {{ .Values.s3.bucket }}
- name: S3_ACCESS_KEY_ID
  valueFrom:
    secretKeyRef: { name: {{ include "mytaek1.s3Secret" . }}, key: access-key-id }
- name: S3_SECRET_ACCESS_KEY
  valueFrom:
    secretKeyRef: { name: {{ include "mytaek1.s3Secret" . }}, key: secret-access-key }
{{- end -}}
