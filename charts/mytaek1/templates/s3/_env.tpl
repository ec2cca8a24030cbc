{{/* Variables that lead to the object store. */}}
{{- define "mytaek1.s3Env" -}}
{{- $s3 := .Values.s3 -}}
- name: S3_ENDPOINT
  value: {{ include "mytaek1.s3Endpoint" . | quote }}
- name: S3_REGION
  value: {{ ternary "us-east-1" $s3.external.region $s3.embedded | quote }}
- name: S3_BUCKET
  value: {{ $s3.bucket | quote }}
{{- if include "mytaek1.s3HasKeys" . }}
- name: S3_ACCESS_KEY_ID
  valueFrom:
    {{- include "mytaek1.s3Key" (list . "accessKeyId") | nindent 4 }}
- name: S3_SECRET_ACCESS_KEY
  valueFrom:
    {{- include "mytaek1.s3Key" (list . "secretAccessKey") | nindent 4 }}
{{- end }}
{{- end -}}

{{/* Whether the store is opened by keys; else by the role of each process' ServiceAccount. Answers "true" or nothing. */}}
{{- define "mytaek1.s3HasKeys" -}}
{{- $external := .Values.s3.external -}}
{{- if or .Values.s3.embedded $external.existingSecret $external.accessKeyId $external.secretAccessKey }}true{{ end -}}
{{- end -}}

{{/* One of the store's two keys. Call with (list . "accessKeyId"). */}}
{{- define "mytaek1.s3Key" -}}
{{- $root := index . 0 -}}
{{- $s3 := $root.Values.s3 -}}
{{ include "mytaek1.fromSecret" (list (ternary $s3 $s3.external $s3.embedded) (include "mytaek1.name" (list $root "s3")) (index . 1)) }}
{{- end -}}

{{- define "mytaek1.s3Endpoint" -}}
{{- if .Values.s3.embedded -}}
http://{{ include "mytaek1.name" (list . "s3") }}:7070
{{- else -}}
{{- required "s3.external.endpoint is required when s3.embedded is false" .Values.s3.external.endpoint -}}
{{- end -}}
{{- end -}}

{{/* Variables of the embedded store. */}}
{{- define "mytaek1.s3ServerEnv" -}}
- name: BUCKET
  value: {{ .Values.s3.bucket | quote }}
- name: ROOT_ACCESS_KEY
  valueFrom:
    {{- include "mytaek1.s3Key" (list . "accessKeyId") | nindent 4 }}
- name: ROOT_SECRET_KEY
  valueFrom:
    {{- include "mytaek1.s3Key" (list . "secretAccessKey") | nindent 4 }}
{{ include "mytaek1.ownEnv" .Values.s3 }}
{{- end -}}
