{{/* Which component answers which paths, of the Ingress and of the HTTPRoute alike: YAML of a map. */}}
{{- define "mytaek1.paths" -}}
/: storefront
/api/commerce: commerce
/api/payment: payment
/hls: edge
/images: commerce
{{- if .Values.mail.sink.enabled }}
/mail-sink: mail-sink
{{- end }}
{{- if include "mytaek1.simulatorWindow" . }}
/v1/window: simulator
{{- end }}
{{- end -}}
