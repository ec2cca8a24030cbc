{{/* Variables of the storefront's server: whom its pages may talk to beside their own origin. */}}
{{- define "mytaek1.storefrontEnv" -}}
{{- with .Values.public.hlsUrl -}}
# pages may read streams from there
- name: PUBLIC_HLS_URL
  value: {{ . | quote }}
{{ end -}}
{{- range .Values.payment.gateways -}}
{{- if eq .name "portone" -}}
# pages may have this gateway's script open its window
- name: PORTONE
  value: "true"
{{ end -}}
{{- end -}}
{{ include "mytaek1.commonEnv" (list . "storefront") }}
{{- end -}}
