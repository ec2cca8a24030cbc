{{/*
Where one secret value is: in the user's Secret under the key that `secretKeys` names, else in the chart's own under the
same name with dashes. Call with (list $values "own-secret-name" "serviceToken"), $values having existingSecret and secretKeys.
*/}}
{{- define "mytaek1.fromSecret" -}}
{{- $values := index . 0 -}}
{{- $key := index . 2 -}}
secretKeyRef:
  name: {{ $values.existingSecret | default (index . 1) | quote }}
  key: {{ if $values.existingSecret }}{{ index $values.secretKeys $key | quote }}{{ else }}{{ kebabcase $key | quote }}{{ end }}
{{- end -}}

{{/* One of `auth`. Call with (list . "serviceToken"). */}}
{{- define "mytaek1.authKey" -}}
{{- $root := index . 0 -}}
{{ include "mytaek1.fromSecret" (list $root.Values.auth (include "mytaek1.name" (list $root "auth")) (index . 1)) }}
{{- end -}}

{{/*
The key beside one of `auth`, named `<key>-other` and there only while it is changed: what it holds is accepted, too.
Call with (list . "serviceToken").
*/}}
{{- define "mytaek1.otherAuthKey" -}}
{{- $root := index . 0 -}}
{{- $auth := $root.Values.auth -}}
{{- $key := kebabcase (index . 1) -}}
{{- if $auth.existingSecret }}{{ $key = index $auth.secretKeys (index . 1) }}{{ end -}}
secretKeyRef:
  name: {{ $auth.existingSecret | default (include "mytaek1.name" (list $root "auth")) | quote }}
  key: {{ printf "%s-other" $key | quote }}
  optional: true
{{- end -}}
