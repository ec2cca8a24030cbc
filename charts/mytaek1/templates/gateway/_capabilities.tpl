{{/* The version of TCPRoute that the cluster has, the newest first; empty: none. */}}
{{- define "mytaek1.tcpRoute" -}}
{{- $found := "" -}}
{{- range $version := list "v1alpha2" "v1alpha3" "v1beta1" "v1" -}}
{{- $api := printf "gateway.networking.k8s.io/%s" $version -}}
{{- if $.Capabilities.APIVersions.Has (printf "%s/TCPRoute" $api) }}{{ $found = $api }}{{ end -}}
{{- end -}}
{{- $found -}}
{{- end -}}

{{/* Routes are refused in words where the cluster has no such kind: else Helm names an API group and no value. */}}
{{- define "mytaek1.checkGateway" -}}
{{- $gateway := .Values.gateway | default dict -}}
{{- $rtmp := concat ($gateway.rtmpParentRefs | default list) ($gateway.rtmpsParentRefs | default list) -}}
{{- if $gateway.enabled -}}
{{- $how := "install the Gateway API's definitions, or, where no cluster is asked, say --api-versions" -}}
{{- if not (.Capabilities.APIVersions.Has "gateway.networking.k8s.io/v1/HTTPRoute") -}}
{{- fail (printf "gateway.enabled: this cluster has no HTTPRoute: %s gateway.networking.k8s.io/v1/HTTPRoute" $how) -}}
{{- end -}}
{{- if not $gateway.parentRefs -}}
{{- fail "gateway.parentRefs: say which Gateway the routes are for, [{name: shop, namespace: gateways}]" -}}
{{- end -}}
{{- if and $rtmp (not (include "mytaek1.tcpRoute" .)) -}}
{{- fail (printf "gateway.rtmpParentRefs: this cluster has no TCPRoute, which is of the Gateway API's experimental channel: %s gateway.networking.k8s.io/v1alpha2/TCPRoute" $how) -}}
{{- end -}}
{{- if and $gateway.rtmpsParentRefs (not (include "mytaek1.rtmpsSecret" .)) -}}
{{- fail "gateway.rtmpsParentRefs: ingest has no certificate: set ingest.tls.secretName or ingest.tls.selfSigned" -}}
{{- end -}}
{{- end -}}
{{- end -}}
