{{/* Entries of the policy's map of limits, a CEL literal. Call with (list "seller." limits). */}}
{{- define "mytaek1.limits" -}}
{{- $prefix := index . 0 -}}
{{- range $name, $value := index . 1 }}
{{ printf "%s%s" $prefix $name | quote }}: {{ ternary ($value | int64 | toString) ($value | toString) (or (kindIs "float64" $value) (kindIs "int64" $value)) | quote }},
{{- end }}
{{- end -}}
