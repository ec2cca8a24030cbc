{{/* HorizontalPodAutoscaler of a component's Deployment. Call with (list . "commerce"). */}}
{{- define "mytaek1.hpa" -}}
{{- $root := index . 0 -}}
{{- $scaling := (index $root.Values (index . 1)).autoscaling -}}
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
          type: Utilization
          averageUtilization: {{ $scaling.targetCPUUtilizationPercentage }}
{{- end }}
{{- end -}}

{{/* PodDisruptionBudget of a component: one Pod may leave at a time. Call with (list . "commerce"). */}}
{{- define "mytaek1.pdb" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "mytaek1.name" . }}
  labels:
    {{- include "mytaek1.labels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  # a Pod that cannot become ready must not block the drain of its node
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "mytaek1.selector" . | nindent 6 }}
{{- end -}}

{{/* `replicas` and the way a Deployment is rolled. With an autoscaler `replicas` is not rendered: every
     upgrade would reset it. Call with (list . "commerce"). */}}
{{- define "mytaek1.rollout" -}}
{{- $component := index (index . 0).Values (index . 1) -}}
{{- if not (dig "autoscaling" "enabled" false $component) }}
replicas: {{ $component.replicas }}
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
