{{/* Name of a component's objects, e.g. "mytaek1-commerce". Call with (list . "commerce"). */}}
{{- define "mytaek1.name" -}}
{{- printf "%s-%s" ((index . 0).Release.Name | trunc 40 | trimSuffix "-") (index . 1) -}}
{{- end -}}

{{/* Image reference of one of `images`; an empty tag means the chart's appVersion. Call with (list . "commerce"). */}}
{{- define "mytaek1.image" -}}
{{- $image := index (index . 0).Values.images (index . 1) -}}
{{- printf "%s:%s" $image.repository ($image.tag | default (index . 0).Chart.AppVersion) -}}
{{- end -}}

{{/* Name of the Secret with the database URLs: the user's own, or the chart's. */}}
{{- define "mytaek1.databaseSecret" -}}
{{- .Values.mariadb.external.existingSecret | default (include "mytaek1.name" (list . "database")) -}}
{{- end -}}

{{/* Name of the Secret with the list of Redis URLs: the user's own, or the chart's. */}}
{{- define "mytaek1.redisSecret" -}}
{{- .Values.redis.external.existingSecret | default (include "mytaek1.name" (list . "redis")) -}}
{{- end -}}

{{/* Name of the Secret with the S3 keys: the user's own, or the chart's. */}}
{{- define "mytaek1.s3Secret" -}}
{{- .Values.s3.external.existingSecret | default (include "mytaek1.name" (list . "s3")) -}}
{{- end -}}

{{/* A generated value that survives upgrades: what the Secret holds already, else the third argument.
     Call with (list . "secret-name" "key" generated). */}}
{{- define "mytaek1.kept" -}}
{{- $secret := lookup "v1" "Secret" (index . 0).Release.Namespace (index . 1) -}}
{{- $held := dig "data" (index . 2) "" ($secret | default dict) -}}
{{- ternary (index . 3) ($held | b64dec) (empty $held) -}}
{{- end -}}
