{{/* The head of a Deployment, down to the labels of its Pods. Call with (list . "commerce" $values). */}}
{{- define "mytaek1.deployment" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "mytaek1.name" . }}
  labels:
    {{- include "mytaek1.labels" . | nindent 4 }}
spec:
  {{- include "mytaek1.rollout" . | nindent 2 }}
  template:
    metadata:
      labels:
        {{- include "mytaek1.labels" . | nindent 8 }}
{{- end -}}

{{/* What all containers of our processes have; ends with the list of mounts, so that more may follow.
     Call with (list . "image" $values). */}}
{{- define "mytaek1.container" -}}
{{- $root := index . 0 -}}
image: {{ include "mytaek1.image" . }}
imagePullPolicy: {{ (index $root.Values.images (index . 1)).pullPolicy }}
{{ include "mytaek1.probes" $root }}
resources:
  {{- toYaml (index . 2).resources | nindent 2 }}
securityContext:
  {{- include "mytaek1.containerSecurity" $root | nindent 2 }}
volumeMounts:
  - { name: tmp, mountPath: /tmp }
{{- end -}}

{{/* Variables of a container, each set once. Call with (list "commerce" $text), $text being the YAML of the list; a third one,
     the root, is for Deployments: their Pods start only in the namespace of their release. */}}
{{- define "mytaek1.env" -}}
{{- $seen := dict -}}
{{- range fromYamlArray (index . 1) -}}
{{- if hasKey $seen .name -}}
{{- fail (printf "%s.env.%s: the chart sets this variable itself" (index $ 0) .name) -}}
{{- end -}}
{{- $_ := set $seen .name true -}}
{{- end -}}
{{ index . 1 }}
{{- if gt (len .) 2 }}
{{ include "mytaek1.releaseHere" (index . 2) }}
{{- end -}}
{{- end -}}
