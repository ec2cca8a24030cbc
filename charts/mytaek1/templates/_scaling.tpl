{{/* HorizontalPodAutoscaler of a component's Deployment. Call with (list . "commerce"), and its values where they are not named so. */}}
{{- define "mytaek1.hpa" -}}
{{- $root := index . 0 -}}
{{- $values := get $root.Values (index . 1) -}}
{{- if gt (len .) 2 }}{{ $values = index . 2 }}{{ end -}}
{{- $scaling := $values.autoscaling -}}
{{- if $scaling.enabled }}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ include "mytaek1.name" . }}
  labels:
    {{- include "mytaek1.labels" . | nindent 4 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "mytaek1.name" . }}
  minReplicas: {{ $scaling.minReplicas }}
  maxReplicas: {{ $scaling.maxReplicas }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: AverageValue
          averageValue: {{ $scaling.targetCPU | quote }}
  {{- with $scaling.behavior }}
  behavior:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* PodDisruptionBudget of a component: one Pod may leave at a time, unless `pdb` says another. Call with (list . "commerce" .Values.commerce). */}}
{{- define "mytaek1.pdb" -}}
{{- $budget := (index . 2).pdb | default dict -}}
{{- if ne (toString $budget.enabled) "false" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "mytaek1.name" . }}
  labels:
    {{- include "mytaek1.labels" . | nindent 4 }}
spec:
  {{- if hasKey $budget "minAvailable" }}
  minAvailable: {{ $budget.minAvailable }}
  {{- else }}
  maxUnavailable: {{ hasKey $budget "maxUnavailable" | ternary $budget.maxUnavailable 1 }}
  {{- end }}
  # a Pod that cannot become ready must not block the drain of its node
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "mytaek1.selector" . | nindent 6 }}
{{- end }}
{{- end -}}

{{/*
`replicas` and the way a Deployment is rolled. Under an autoscaler the number is the autoscaler's: one that runs keeps what it
has, also when the autoscaler is new; a number left out would become 1. Where nobody can look (`helm template`) it is left out,
so that applying again does not reset it, unless values ask for more than the autoscaler's minimum.
Call with (list . "commerce" $values).
*/}}
{{- define "mytaek1.rollout" -}}
{{- $root := index . 0 -}}
{{- $values := index . 2 -}}
{{- $scaling := $values.autoscaling | default dict -}}
{{- $running := dig "spec" "replicas" 0 (lookup "apps/v1" "Deployment" $root.Release.Namespace (include "mytaek1.name" .) | default dict) | int -}}
{{- $wanted := dig "replicas" 1 $values | int -}}
{{- if not $scaling.enabled }}
replicas: {{ $wanted }}
{{- else if gt $running 0 }}
replicas: {{ $running }}
{{- else if or (gt $wanted (int $scaling.minReplicas)) (include "mytaek1.isLive" $root) }}
replicas: {{ max $wanted (int $scaling.minReplicas) }}
{{- end }}
revisionHistoryLimit: 3
strategy:
  type: RollingUpdate
  rollingUpdate:
    maxUnavailable: 0
    maxSurge: 1
selector:
  matchLabels:
    {{- include "mytaek1.selector" . | nindent 4 }}
{{- end -}}
