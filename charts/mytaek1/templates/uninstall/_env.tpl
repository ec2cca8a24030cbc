{{/* Variables of what ends Broadcasts and pools before an uninstall. */}}
{{- define "mytaek1.uninstallEnv" -}}
- name: OPERATOR_DEPLOYMENT
  value: {{ include "mytaek1.name" (list . "operator") }}
# so that it knows whether Helm made it
- name: JOB_NAME
  value: {{ include "mytaek1.name" (list . "uninstall") }}
- name: LEASE_NAME
  value: {{ include "mytaek1.name" (list . "operator") }}
{{ include "mytaek1.commonEnv" (list . "operator") }}
{{- end -}}
