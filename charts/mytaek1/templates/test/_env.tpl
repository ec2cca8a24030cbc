{{/* Variables of the test: the doors that it tries. No Secret: it signs up as anybody may. */}}
{{- define "mytaek1.testEnv" -}}
- name: PAGES_URL
  value: http://{{ include "mytaek1.name" (list . "storefront") }}:8080
- name: COMMERCE_URL
  value: http://{{ include "mytaek1.name" (list . "commerce") }}:8080
- name: PAYMENT_URL
  value: http://{{ include "mytaek1.name" (list . "payment") }}:8080
- name: EDGE_URL
  value: http://{{ include "mytaek1.name" (list . "edge") }}:8080
- name: RTMP_URL
  value: rtmp://{{ include "mytaek1.name" (list . "rtmp") }}:1935/live
- name: LIVE_SHOW
  value: {{ .Values.test.liveShow.enabled | quote }}
{{- with include "mytaek1.simulatedCurrency" . }}
- name: SIMULATED_CURRENCY
  value: {{ . | quote }}
{{- end }}
{{- with .Values.ingest.proxyProtocol.trustedProxies }}
# should the Pods be among them, ingest wants the header of the test, too
- name: RTMP_TRUSTED_PROXIES
  value: {{ join "," . | quote }}
{{- end }}
{{ include "mytaek1.commonEnv" (list . "test") }}
{{- end -}}

{{/* A currency in which cards are entered here and charged on the simulated network: the first gateway has the first say. Empty:
     there is none, and nothing is paid. */}}
{{- define "mytaek1.simulatedCurrency" -}}
{{- with first .Values.payment.gateways -}}
{{- if and (eq .name "simulator") (ne (toString .keyIn) "false") (has "card" (.methods | default (list "card"))) -}}
{{- first (.currencies | default (list "KRW")) -}}
{{- end -}}
{{- end -}}
{{- end -}}
