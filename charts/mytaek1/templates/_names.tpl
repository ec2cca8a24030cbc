{{/* Name of a component's objects, e.g. "mytaek1-commerce". Call with (list . "commerce"). */}}
{{- define "mytaek1.name" -}}
{{- $root := index . 0 -}}
{{- printf "%s-%s" ($root.Release.Name | trunc 40 | trimSuffix "-") (index . 1) -}}
{{- end -}}

{{/* Name of the ServiceAccount of a component, same shape as its name. */}}
{{- define "mytaek1.image" -}}
{{- printf "%s:%s" .repository .tag -}}
{{- end -}}
