{{/* Name of the Secret with the certificate for RTMPS: the user's own, else the chart's; empty: no RTMPS. */}}
{{- define "mytaek1.rtmpsSecret" -}}
{{- if .Values.ingest.tls.secretName -}}
{{- .Values.ingest.tls.secretName -}}
{{- else if .Values.ingest.tls.selfSigned -}}
{{- include "mytaek1.name" (list . "rtmps") -}}
{{- end -}}
{{- end -}}
