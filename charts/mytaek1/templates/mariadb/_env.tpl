{{/*
MYSQL_URL of a service's database. A Secret of the user's for the embedded server has only passwords: the URL is made of them
here. Call with (list . "commerce").
*/}}
{{- define "mytaek1.mysqlEnv" -}}
{{- $root := index . 0 -}}
{{- $service := index . 1 -}}
{{- $mariadb := $root.Values.mariadb -}}
{{- $own := include "mytaek1.name" (list $root "database") -}}
{{- if and $mariadb.embedded $mariadb.existingSecret -}}
- name: MYSQL_PASSWORD
  valueFrom:
    {{- include "mytaek1.fromSecret" (list $mariadb $own (printf "%sPassword" $service)) | nindent 4 }}
- name: MYSQL_URL
  value: {{ include "mytaek1.mysqlUrl" (list $root $service "$(MYSQL_PASSWORD)") | quote }}
{{- else -}}
- name: MYSQL_URL
  valueFrom:
    {{- include "mytaek1.fromSecret" (list (ternary dict $mariadb.external $mariadb.embedded) $own (printf "%sUrl" $service)) | nindent 4 }}
{{- end }}
{{- end -}}

{{/* URL of a database of the embedded server. Call with (list . "commerce" "password"). */}}
{{- define "mytaek1.mysqlUrl" -}}
{{- $service := index . 1 -}}
{{- printf "mysql://%s:%s@%s:3306/%s" $service (index . 2) (include "mytaek1.name" (list (index . 0) "mariadb")) $service -}}
{{- end -}}

{{/* Variables of the embedded server. */}}
{{- define "mytaek1.mariadbServerEnv" -}}
{{- range $user := list "root" "commerce" "payment" }}
- name: {{ upper $user }}_PASSWORD
  valueFrom:
    {{- include "mytaek1.fromSecret" (list $.Values.mariadb (include "mytaek1.name" (list $ "database")) (printf "%sPassword" $user)) | nindent 4 }}
{{- end }}
{{ include "mytaek1.ownEnv" .Values.mariadb }}
{{- end -}}
