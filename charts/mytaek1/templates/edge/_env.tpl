{{/* Variables of the edge. */}}
{{- define "mytaek1.edgeEnv" -}}
# what lives is small: more room for young objects is memory without use
- { name: NODE_OPTIONS, value: --max-semi-space-size=8 }
{{ include "mytaek1.redisEnv" . }}
- name: SERVICE_TOKEN
  valueFrom:
    {{- include "mytaek1.authKey" (list . "serviceToken") | nindent 4 }}
{{- if .Values.edge.door.enabled }}
# where the door tells whom it answered
- { name: EDGE_DOOR_LOG_PORT, value: "5140" }
{{- end }}
# recordings are served from there
{{ include "mytaek1.s3Env" . }}
{{ include "mytaek1.commonEnv" (list . "edge") }}
{{- end -}}
