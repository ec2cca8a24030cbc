{{/* Spec of a store's volume claim; without a class the cluster's default. Call with its `persistence`. */}}
{{- define "mytaek1.claim" -}}
accessModes: [ReadWriteOnce]
{{- with .storageClass }}
storageClassName: {{ . }}
{{- end }}
resources:
  requests:
    storage: {{ .size }}
{{- end -}}
