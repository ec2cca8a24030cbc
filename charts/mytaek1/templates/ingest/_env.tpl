{{/* Variables of ingest. */}}
{{- define "mytaek1.ingestEnv" -}}
# what lives is small: more room for young objects is memory without use
- { name: NODE_OPTIONS, value: --max-semi-space-size=8 }
- name: RTMP_DRAIN_SECONDS
  value: {{ .Values.ingest.drainSeconds | quote }}
{{- with .Values.ingest.proxyProtocol.trustedProxies }}
- name: RTMP_TRUSTED_PROXIES
  value: {{ join "," . | quote }}
{{- end }}
{{- if include "mytaek1.rtmpsSecret" . }}
- name: TLS_CERT_FILE
  value: /etc/mytaek1/tls/tls.crt
- name: TLS_KEY_FILE
  value: /etc/mytaek1/tls/tls.key
{{- end }}
{{ include "mytaek1.commonEnv" (list . "ingest") }}
{{- end -}}
