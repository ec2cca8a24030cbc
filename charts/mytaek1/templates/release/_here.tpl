{{/* Name of the object that says whose a namespace is; a part of the words in which `kubectl apply` refuses a second release. */}}
{{- define "mytaek1.guard" -}}mytaek1-one-release-a-namespace{{- end -}}

{{/* Kubelet starts no container whose release that object does not name. */}}
{{- define "mytaek1.releaseHere" -}}
- name: RELEASE_OF_NAMESPACE
  valueFrom:
    configMapKeyRef: { name: {{ include "mytaek1.guard" . }}, key: {{ .Release.Name | quote }} }
{{- end -}}
