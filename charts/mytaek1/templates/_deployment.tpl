{{/*
A Deployment, down to its Pods' metadata. Call with (list . "commerce" $values), and annotations of the Pods where they have
any: a checksum, so that what a process reads only at its start reaches running Pods by a restart.
*/}}
{{- define "mytaek1.deployment" -}}
{{- $root := index . 0 -}}
{{- $values := index . 2 -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "mytaek1.name" . }}
  labels:
    {{- include "mytaek1.labels" . | nindent 4 }}
  {{- with $values.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- include "mytaek1.rollout" . | nindent 2 }}
  template:
    metadata:
      {{- $annotations := ternary (last .) dict (gt (len .) 3) }}
      {{- include "mytaek1.podMetadata" (dict "root" $root "component" (index . 1) "values" $values "annotations" $annotations) | nindent 6 }}
{{- end -}}

{{/* What all containers of our processes have. Call with (list . "image" $values), and a list of more mounts. */}}
{{- define "mytaek1.container" -}}
{{- $root := index . 0 -}}
{{- $values := index . 2 -}}
image: {{ include "mytaek1.image" . }}
imagePullPolicy: {{ (index $root.Values.images (index . 1)).pullPolicy }}
{{ include "mytaek1.probes" $root }}
resources:
  {{- toYaml ($values.resources | default dict) | nindent 2 }}
securityContext:
  {{- include "mytaek1.containerSecurity" $root | nindent 2 }}
volumeMounts:
  - { name: tmp, mountPath: /tmp }
{{- with include "mytaek1.moreMounts" (list $root $values) | trim }}
  {{- . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Mounts beyond a component's own, a list's items: of authorities to trust, and of its values. Call with (list . $values). */}}
{{- define "mytaek1.moreMounts" -}}
{{- if include "mytaek1.hasCaBundle" (index . 0) }}
- { name: ca-bundle, mountPath: /etc/mytaek1-ca, readOnly: true }
{{- end }}
{{- with ((index . 1).pod | default dict).extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The volumes of `moreMounts`. Call with (list . $values). */}}
{{- define "mytaek1.moreVolumes" -}}
{{- $bundle := (index . 0).Values.caBundle | default dict -}}
{{- if include "mytaek1.hasCaBundle" (index . 0) }}
- name: ca-bundle
  {{- if $bundle.configMap }}
  configMap: { name: {{ $bundle.configMap | quote }}, items: [{ key: {{ $bundle.key | quote }}, path: ca.crt }] }
  {{- else }}
  secret: { secretName: {{ $bundle.secret | quote }}, items: [{ key: {{ $bundle.key | quote }}, path: ca.crt }] }
  {{- end }}
{{- end }}
{{- with ((index . 1).pod | default dict).extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Whether processes trust authorities of yours. Answers "true" or nothing. */}}
{{- define "mytaek1.hasCaBundle" -}}
{{- $bundle := .Values.caBundle | default dict -}}
{{- if or $bundle.configMap $bundle.secret }}true{{ end -}}
{{- end -}}

{{/* Variables of a container, each set once. Call with (list "commerce" $text), $text being the YAML of the list; a third one,
     the root, is for Deployments: their Pods start only in the namespace of their release. */}}
{{- define "mytaek1.env" -}}
{{- $text := index . 1 -}}
{{- if gt (len .) 2 }}{{ $text = printf "%s\n%s" $text (include "mytaek1.releaseHere" (index . 2)) }}{{ end -}}
{{- $seen := dict -}}
{{- range fromYamlArray $text -}}
{{- if hasKey $seen .name -}}
{{- fail (printf "%s.env.%s: the chart sets this variable itself, or it is in pod.extraEnv, too" (index $ 0) .name) -}}
{{- end -}}
{{- $_ := set $seen .name true -}}
{{- end -}}
{{ $text }}
{{- end -}}
