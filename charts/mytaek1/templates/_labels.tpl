{{/* Labels of every object. Call with (list . "commerce"). */}}
{{- define "mytaek1.labels" -}}
{{- include "mytaek1.labelsWith" (list (index . 0) (index . 1)) -}}
{{- end -}}

{{/*
The same with labels of values, which come before `commonLabels` and what the chart says of itself. Call with
(list . "commerce" $labels), and as many more as there are: the first that has a key says what it is.
*/}}
{{- define "mytaek1.labelsWith" -}}
{{- $root := index . 0 -}}
{{- $facts := dict "app.kubernetes.io/part-of" "mytaek1" "app.kubernetes.io/managed-by" $root.Release.Service -}}
{{- $_ := set $facts "app.kubernetes.io/version" $root.Chart.AppVersion -}}
{{- $_ := set $facts "helm.sh/chart" (printf "%s-%s" $root.Chart.Name $root.Chart.Version) -}}
{{- include "mytaek1.merged" (list (include "mytaek1.lastingLabels" . | fromYaml) $facts) -}}
{{- end -}}

{{/* Those that another version of the chart does not change: of Pods that it should not start anew. Called as labelsWith. */}}
{{- define "mytaek1.lastingLabels" -}}
{{- $selector := include "mytaek1.selector" . | fromYaml -}}
{{- include "mytaek1.merged" (concat (list $selector) (slice . 2) (list (index . 0).Values.commonLabels)) -}}
{{- end -}}

{{/* Maps as one, so that no key is there twice: the first that has a key says what it is. Call with a list of maps. */}}
{{- define "mytaek1.merged" -}}
{{- $merged := dict -}}
{{- range . -}}
{{- range $key, $value := . -}}
{{- if not (hasKey $merged $key) }}{{ $_ := set $merged $key $value }}{{ end -}}
{{- end -}}
{{- end -}}
{{- toYaml $merged -}}
{{- end -}}

{{/* The labels that select a component's Pods; they never change. Call with (list . "commerce"). */}}
{{- define "mytaek1.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: mytaek1
app.kubernetes.io/instance: {{ $root.Release.Name | quote }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{/*
Labels and annotations of Pods: the chart's own, those of a component's values, and the release's. Call with
(dict "root" . "component" "commerce" "values" .Values.commerce "annotations" (dict "checksum/stores" $sum)); `isLasting`: no
label changes with the chart's version.
*/}}
{{- define "mytaek1.podMetadata" -}}
{{- $pod := .values.pod | default dict -}}
{{- $labels := list .root .component $pod.labels .root.Values.podLabels -}}
{{- $annotations := include "mytaek1.merged" (list .annotations $pod.annotations .root.Values.podAnnotations) | fromYaml -}}
labels:
  {{- include (ternary "mytaek1.lastingLabels" "mytaek1.labelsWith" (not (empty .isLasting))) $labels | nindent 2 }}
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
  {{- include "mytaek1.labelsWith" (list $root $component $service.labels) | nindent 2 }}
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
