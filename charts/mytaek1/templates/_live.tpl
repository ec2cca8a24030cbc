{{/*
Whether Helm itself works on a cluster, so that its hooks will run and it can look at what is there; not so where it only
renders: `helm template`, Argo CD, kustomize. A list of Secrets is never without a kind then, also an empty one, and who runs
Helm may read them: its own records are Secrets. Answers "true" or nothing.
*/}}
{{- define "mytaek1.isLive" -}}
{{- if hasKey (lookup "v1" "Secret" .Release.Namespace "" | default dict) "kind" }}true{{ end -}}
{{- end -}}
