{{/* Variables of the sink for mails. */}}
{{- define "mytaek1.mailSinkEnv" -}}
- { name: LOG_LEVEL, value: {{ .Values.logLevel }} }
{{ include "mytaek1.ownEnv" .Values.mail.sink }}
{{- end -}}
