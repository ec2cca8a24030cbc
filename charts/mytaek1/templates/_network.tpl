{{/*
NetworkPolicy of a component: who may reach which of its ports, others of this release by component, or everyone where the list
is empty (an ingress controller, a load balancer, a Prometheus: they live anywhere). A component that begins no connections
has `isSilent`; `udp` are ports that are not TCP's. Call with
(dict "root" . "component" "redis" "ports" (dict "6379" (list "commerce" "edge" "payment")) "isSilent" true).
*/}}
{{- define "mytaek1.networkPolicy" -}}
{{- $root := .root -}}
{{- if $root.Values.networkPolicy.enabled }}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "mytaek1.name" (list $root .component) }}
  labels:
    {{- include "mytaek1.labels" (list $root .component) | nindent 4 }}
spec:
  podSelector:
    matchLabels:
      {{- include "mytaek1.selector" (list $root .component) | nindent 6 }}
  policyTypes: [Ingress{{ if .isSilent }}, Egress{{ end }}]
  ingress:
    {{- range $port, $components := .ports }}
    - ports:
        - { protocol: {{ has $port ($.udp | default list) | ternary "UDP" "TCP" }}, port: {{ $port }} }
      {{- if $components }}
      from:
        {{- range $components }}
        - podSelector:
            matchLabels:
              {{- include "mytaek1.selector" (list $root .) | nindent 14 }}
        {{- end }}
      {{- end }}
    {{- end }}
{{- end }}
{{- end -}}
