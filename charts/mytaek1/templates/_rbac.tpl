{{/* Binds a component's ServiceAccount to the Role of the same name. Call with (list . "commerce"). */}}
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
    name: {{ include "mytaek1.name" . }}
    namespace: {{ (index . 0).Release.Namespace }}
{{- end -}}
