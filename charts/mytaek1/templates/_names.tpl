{{/* Name of a component's objects, e.g. "mytaek1-commerce". Call with (list . "commerce"). */}}
{{- define "mytaek1.name" -}}
{{- printf "%s-%s" ((index . 0).Release.Name | trunc 40 | trimSuffix "-") (index . 1) -}}
{{- end -}}

{{/* Image reference of one of `images`; an empty tag means the chart's appVersion; quoted. Call with (list . "commerce"). */}}
{{- define "mytaek1.image" -}}
{{- $root := index . 0 -}}
{{- $image := index $root.Values.images (index . 1) -}}
{{- $tag := $image.tag | default ($root.Values.image | default dict).tag | default $root.Chart.AppVersion -}}
{{- $digest := ternary (printf "@%s" $image.digest) "" (not (empty $image.digest)) -}}
{{- printf "%s:%s%s" (include "mytaek1.relocated" (list $root $image.repository)) $tag $digest | quote -}}
{{- end -}}

{{/* Where an image is pulled from when `image.registry` or `image.namespace` say so. Call with (list . "docker.io/library/redis:7.0"). */}}
{{- define "mytaek1.relocated" -}}
{{- $image := (index . 0).Values.image | default dict -}}
{{- $parts := splitList "/" (index . 1) -}}
{{- $host := "" -}}
{{- /* as Docker reads names: a registry has a dot or a port, or is this machine */ -}}
{{- if and (gt (len $parts) 1) (regexMatch "[.:]|^localhost$" (first $parts)) -}}
{{- $host = first $parts -}}
{{- $parts = rest $parts -}}
{{- end -}}
{{- $folder := initial $parts | join "/" -}}
{{- list ($image.registry | default $host) ($image.namespace | default $folder) (last $parts) | compact | join "/" -}}
{{- end -}}

{{/* Name of a component's ServiceAccount: the chart's own, or yours. Call with (list . "commerce"). */}}
{{- define "mytaek1.serviceAccountName" -}}
{{- $account := (get (index . 0).Values (index . 1) | default dict).serviceAccount | default dict -}}
{{- $account.name | default (include "mytaek1.name" .) -}}
{{- end -}}
