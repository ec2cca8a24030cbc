{{/*
REDIS_URLS, all masters. A Secret of the user's for the embedded masters has only their password: the URLs are made of it here.
*/}}
{{- define "mytaek1.redisEnv" -}}
{{- $redis := .Values.redis -}}
{{- $own := include "mytaek1.name" (list . "redis") -}}
{{- if and $redis.embedded $redis.existingSecret -}}
- name: REDIS_PASSWORD
  valueFrom:
    {{- include "mytaek1.fromSecret" (list $redis $own "password") | nindent 4 }}
- name: REDIS_URLS
  value: {{ include "mytaek1.redisUrls" (list . "$(REDIS_PASSWORD)") | quote }}
{{- else -}}
- name: REDIS_URLS
  valueFrom:
    {{- include "mytaek1.fromSecret" (list (ternary dict $redis.external $redis.embedded) $own "urls") | nindent 4 }}
{{- end }}
{{- end -}}

{{/* URLs of the embedded masters, comma-separated. Call with (list . "password"). */}}
{{- define "mytaek1.redisUrls" -}}
{{- $root := index . 0 -}}
{{- $password := index . 1 -}}
{{- $name := include "mytaek1.name" (list $root "redis") -}}
{{- $urls := list -}}
{{- range $i := until (int $root.Values.redis.masters) -}}
{{- $urls = append $urls (printf "redis://:%s@%s-%d.%s:6379" $password $name $i $name) -}}
{{- end -}}
{{- join "," $urls -}}
{{- end -}}

{{/* Variables of an embedded master. */}}
{{- define "mytaek1.redisServerEnv" -}}
- name: REDISCLI_AUTH
  valueFrom:
    {{- include "mytaek1.fromSecret" (list .Values.redis (include "mytaek1.name" (list . "redis")) "password") | nindent 4 }}
{{ include "mytaek1.ownEnv" .Values.redis }}
{{- end -}}
