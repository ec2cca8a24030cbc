{{/* Name of a component's objects, e.g. "mytaek1-commerce". Call with (list . "commerce"). */}}
{{- define "mytaek1.name" -}}
{{- printf "%s-%s" ((index . 0).Release.Name | trunc 40 | trimSuffix "-") (index . 1) -}}
{{- end -}}

{{/* Image reference of one of `images`; an empty tag means the chart's appVersion; quoted. Call with (list . "commerce"). */}}
{{- define "mytaek1.image" -}}
{{- $image := index (index . 0).Values.images (index . 1) -}}
{{- printf "%s:%s" $image.repository ($image.tag | default (index . 0).Chart.AppVersion) | quote -}}
{{- end -}}
