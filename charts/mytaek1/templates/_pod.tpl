{{/* The first lines of every Pod spec: who pulls, where it runs, that nothing is privileged. What a component's `pod` says takes
     the place of what the release says. Call with (list . "commerce" .Values.commerce 1000), the last being the user's id. */}}
{{- define "mytaek1.podDefaults" -}}
{{- $root := index . 0 -}}
{{- $pod := (index . 2).pod | default dict -}}
{{- $user := index . 3 -}}
securityContext:
  runAsNonRoot: true
  runAsUser: {{ $user }}
  runAsGroup: {{ $user }}
  fsGroup: {{ $user }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
enableServiceLinks: false
{{- with $root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $pod.nodeSelector | default $root.Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $pod.tolerations | default $root.Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $pod.affinity | default $root.Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $pod.priorityClassName | default $root.Values.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- with $pod.runtimeClassName }}
runtimeClassName: {{ . | quote }}
{{- end }}
{{- include "mytaek1.spread" . }}
{{- end -}}

{{/* What every container may not do. */}}
{{- define "mytaek1.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* Probes of a process of ours; they stay off the public port. A start may take minutes on a crowded node, and there a
     process that answers late must not be killed: that drops its streams and only adds a start to the crowd. A kubelet
     that starts again takes every Pod of its node for unready and waits a random part of a period before it asks them
     (kubernetes/kubernetes#100277): that part is what viewers and buyers notice, as a door that is not there. A startup
     probe would be asked again first and add a part of its own (#125397), so a start has its time before the first look. */}}
{{- define "mytaek1.probes" -}}
readinessProbe:
  httpGet: { path: /readyz, port: admin }
  initialDelaySeconds: 1
  periodSeconds: 1
  timeoutSeconds: 1
  failureThreshold: 10
livenessProbe:
  httpGet: { path: /healthz, port: admin }
  initialDelaySeconds: 180
  periodSeconds: 10
  timeoutSeconds: 10
  failureThreshold: 12
{{- end -}}

{{/* Variables that every process reads, then `env` of the component's values. Call with (list . "commerce"). */}}
{{- define "mytaek1.commonEnv" -}}
{{- $root := index . 0 -}}
{{- $values := index $root.Values (index . 1) -}}
- name: LOG_LEVEL
  value: {{ $root.Values.logLevel }}
- name: NAMESPACE
  valueFrom:
    fieldRef: { fieldPath: metadata.namespace }
- name: POD_NAME
  valueFrom:
    fieldRef: { fieldPath: metadata.name }
- name: POD_IP
  valueFrom:
    fieldRef: { fieldPath: status.podIP }
{{- if include "mytaek1.hasCaBundle" $root }}
# authorities that are trusted beside the public ones
- { name: NODE_EXTRA_CA_CERTS, value: /etc/mytaek1-ca/ca.crt }
{{- end }}
{{ include "mytaek1.ownEnv" $values }}
{{- end -}}

{{/* Variables of values: `env` and `pod.extraEnv`. Call with a component's values. */}}
{{- define "mytaek1.ownEnv" -}}
{{- range $name, $value := .env }}
- name: {{ $name | quote }}
  value: {{ $value | quote }}
{{- end }}
{{- with (.pod | default dict).extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/*
How a component's Pods are spread: as values say, else over nodes where there are several. A constraint without a selector is
of the component's Pods. Begins with a line's end, or is empty. Call with (list . "commerce" .Values.commerce).
*/}}
{{- define "mytaek1.spread" -}}
{{- $root := index . 0 -}}
{{- $several := list "commerce" "payment" "storefront" "operator" "ingest" "edge" "door" "redis" -}}
{{- $byNode := dict "maxSkew" 1 "topologyKey" "kubernetes.io/hostname" "whenUnsatisfiable" "ScheduleAnyway" -}}
{{- $otherwise := ternary (list $byNode) list (has (index . 1) $several) -}}
{{- $selector := dict "matchLabels" (include "mytaek1.selector" . | fromYaml) -}}
{{- with ((index . 2).pod | default dict).topologySpreadConstraints | default $root.Values.topologySpreadConstraints | default $otherwise }}
topologySpreadConstraints:
{{- range . }}
  - {{- hasKey . "labelSelector" | ternary . (merge (dict "labelSelector" $selector) .) | toYaml | nindent 4 }}
{{- end }}
{{- end }}
{{- end -}}

{{/* A Pod that leaves keeps serving until every proxy has heard of it; only then comes SIGTERM. */}}
{{- define "mytaek1.drain" -}}
lifecycle:
  preStop:
    sleep: { seconds: 5 }
{{- end -}}
