{{/* Labels of every object. Call with (list . "commerce"). */}}
{{- define "mytaek1.labels" -}}
{{- $root := index . 0 -}}
{{ include "mytaek1.selector" . }}
app.kubernetes.io/part-of: mytaek1
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version }}
{{- with $root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The labels that select a component's Pods; they never change. Call with (list . "commerce"). */}}
{{- define "mytaek1.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: mytaek1
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{/*
Labels and annotations of a component's Pods: its own, the release's and those of its values. Call with
(dict "root" . "labels" $text "values" .Values.commerce "annotations" (dict "checksum/stores" $sum)), $text being YAML.
*/}}
{{- define "mytaek1.podMetadata" -}}
{{- $pod := .values.pod | default dict -}}
{{- $labels := merge (fromYaml .labels) ($pod.labels | default dict) (.root.Values.podLabels | default dict) -}}
{{- $annotations := merge (dict) (.annotations | default dict) ($pod.annotations | default dict) (.root.Values.podAnnotations | default dict) -}}
labels:
  {{- toYaml $labels | nindent 2 }}
{{- with $annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Name, labels and annotations of a component's Service. Call with (list . "commerce" $service), and the name's ending where it is another. */}}
{{- define "mytaek1.serviceMetadata" -}}
{{- $root := index . 0 -}}
{{- $component := index . 1 -}}
{{- $service := index . 2 | default dict -}}
name: {{ include "mytaek1.name" (list $root (ternary (last .) $component (gt (len .) 3))) }}
labels:
  {{- include "mytaek1.labels" (list $root $component) | nindent 2 }}
  {{- with $service.labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with $service.annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* What a Service that leads out of the cluster says of its load balancer. Call with its values. */}}
{{- define "mytaek1.serviceDoor" -}}
type: {{ .type }}
{{- if ne .type "ClusterIP" }}
externalTrafficPolicy: {{ .externalTrafficPolicy }}
{{- end }}
{{- if eq .type "LoadBalancer" }}
{{- with .loadBalancerClass }}
loadBalancerClass: {{ . | quote }}
{{- end }}
{{- with .loadBalancerSourceRanges }}
loadBalancerSourceRanges:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end -}}
