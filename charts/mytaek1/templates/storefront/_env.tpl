{{/* Variables of the storefront's server: whom its pages may talk to beside their own origin, and whom it asks itself. */}}
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
- name: BEACON_PERCENT
  value: {{ .Values.storefront.beaconPercent | int | quote }}
- name: TRUSTED_PROXIES
  value: {{ .Values.ingress.trustedProxies | quote }}
# links to shows have previews of what commerce says of them
- name: COMMERCE_URL
  value: http://{{ include "mytaek1.name" (list . "commerce") }}:8080
- name: PUBLIC_HTTP_URL
  value: {{ .Values.public.httpUrl | quote }}
{{ include "mytaek1.commonEnv" (list . "storefront") }}
{{- end -}}
