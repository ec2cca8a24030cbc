{{/* Labels of every object. Call with (list . "commerce"). */}}
{{- define "mytaek1.labels" -}}
{{- $root := index . 0 -}}
{{ include "mytaek1.selector" . }}
app.kubernetes.io/part-of: mytaek1
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version }}
{{- end -}}

{{/* The labels that select a component's Pods; they never change. Call with (list . "commerce"). */}}
{{- define "mytaek1.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: mytaek1
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}
