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
{{- $own := include "mytaek1.name" (list . "database") -}}
{{- ternary $own (.Values.mariadb.external.existingSecret | default $own) .Values.mariadb.embedded -}}
{{- end -}}

{{/* Name of the Secret with the list of Redis URLs: the user's own, or the chart's. */}}
{{- define "mytaek1.redisSecret" -}}
{{- $own := include "mytaek1.name" (list . "redis") -}}
{{- ternary $own (.Values.redis.external.existingSecret | default $own) .Values.redis.embedded -}}
{{- end -}}

{{/* Name of the Secret with the S3 keys: the user's own, or the chart's. */}}
{{- define "mytaek1.s3Secret" -}}
{{- $own := include "mytaek1.name" (list . "s3") -}}
{{- ternary $own (.Values.s3.external.existingSecret | default $own) .Values.s3.embedded -}}
{{- end -}}

{{/* A generated value that survives upgrades: what the Secret's key holds already, else the value just generated.
     Call with (list . "secret-name" "key" generated). */}}
{{- define "mytaek1.kept" -}}
{{- $secret := lookup "v1" "Secret" (index . 0).Release.Namespace (index . 1) -}}
{{- $held := dig "data" (index . 2) "" ($secret | default dict) -}}
{{- ternary (index . 3) ($held | b64dec) (empty $held) -}}
{{- end -}}
