{{/*
The Secrets that the release makes for itself because none was given: a list of name, component and keys; a key is `random`
letters and digits, a `privateKey`, or a `text` in which $(key) is another of the same Secret, before it in the alphabet.
*/}}
{{- define "mytaek1.ownSecrets" -}}
{{- $root := . -}}
{{- if not .Values.auth.existingSecret }}
# what the services know each other by
- name: {{ include "mytaek1.name" (list . "auth") }}
  component: auth
  keys:
    service-token: { random: 48 }
    card-token-key: { random: 48 } # seals card numbers between the buyer's browser and the charge
    token-private-key: { privateKey: ed25519 } # commerce signs access tokens with it, payment sees the public half only
{{- end }}
{{- with .Values.mariadb }}{{ if and .embedded (not .existingSecret) }}
- name: {{ include "mytaek1.name" (list $root "database") }}
  component: mariadb
  keys:
    root-password: { random: 32 }
    {{- range $service := list "commerce" "payment" }}
    {{ $service }}-password: { random: 32 }
    {{ $service }}-url: { text: {{ include "mytaek1.mysqlUrl" (list $root $service (printf "$(%s-password)" $service)) | quote }} }
    {{- end }}
{{- end }}{{ end }}
{{- with .Values.redis }}{{ if and .embedded (not .existingSecret) }}
- name: {{ include "mytaek1.name" (list $root "redis") }}
  component: redis
  keys:
    password: { random: 32 }
    urls: { text: {{ include "mytaek1.redisUrls" (list $root "$(password)") | quote }} }
{{- end }}{{ end }}
{{- with .Values.s3 }}{{ if and .embedded (not .existingSecret) }}
- name: {{ include "mytaek1.name" (list $root "s3") }}
  component: s3
  keys:
    access-key-id: { random: 20 }
    secret-access-key: { random: 40 }
{{- end }}{{ end }}
{{- end -}}

{{/* The data of one of them: what it holds already, else a value just made. Call with (list . $recipe). */}}
{{- define "mytaek1.ownSecretData" -}}
{{- $root := index . 0 -}}
{{- $recipe := index . 1 -}}
{{- $held := (lookup "v1" "Secret" $root.Release.Namespace $recipe.name | default dict).data | default dict -}}
{{- $values := dict -}}
{{- range $key, $how := $recipe.keys -}}
{{- $value := get $held $key | b64dec -}}
{{- if and (not $value) $how.random }}{{ $value = randAlphaNum (int $how.random) }}{{ end -}}
{{- if and (not $value) $how.privateKey }}{{ $value = genPrivateKey $how.privateKey }}{{ end -}}
{{- if $how.text -}}
{{- $value = $how.text -}}
{{- range $used, $text := $values }}{{ $value = replace (printf "$(%s)" $used) $text $value }}{{ end -}}
{{- end -}}
{{- $_ := set $values $key $value -}}
{{ $key }}: {{ $value | b64enc }}
{{ end -}}
{{- end -}}
