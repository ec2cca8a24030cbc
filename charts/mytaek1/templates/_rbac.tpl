{{/* ServiceAccount of a component, unless it is one of yours. Call with (list . "commerce" true), the last: whether its Pods get a token. */}}
{{- define "mytaek1.serviceAccount" -}}
{{- $account := (index (index . 0).Values (index . 1)).serviceAccount | default dict -}}
{{- if ne (toString $account.create) "false" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "mytaek1.serviceAccountName" . }}
  labels:
    {{- include "mytaek1.labels" . | nindent 4 }}
  {{- with $account.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
automountServiceAccountToken: {{ index . 2 }}
{{- end }}
{{- end -}}

{{/* Binds a component's ServiceAccount to its Role. Call with (list . "commerce"). */}}
{{- define "mytaek1.roleBinding" -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ include "mytaek1.name" . }}
  labels:
    {{- include "mytaek1.labels" . | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ include "mytaek1.name" . }}
subjects:
  - kind: ServiceAccount
    name: {{ include "mytaek1.serviceAccountName" . }}
    namespace: {{ (index . 0).Release.Namespace }}
{{- end -}}
