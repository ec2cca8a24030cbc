{{/*
Who renders without a cluster cannot see what was made before, and what is made anew with each render opens no store. So the
Secrets are made in the cluster, by a Job that keeps what is there; Pods wait for them. Helm may take them over later.
Call with (list . $recipes).
*/}}
{{- define "mytaek1.ownSecretsJob" -}}
{{- $root := index . 0 -}}
{{- $component := list $root "secrets" -}}
{{- $name := include "mytaek1.name" $component -}}
{{- $names := list -}}
{{- range index . 1 }}{{ $names = append $names .name }}{{ end -}}
{{- $spec := include "mytaek1.ownSecretsSpec" . }}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ $name }}
  labels:
    {{- include "mytaek1.labels" $component | nindent 4 }}
automountServiceAccountToken: true
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ $name }}
  labels:
    {{- include "mytaek1.labels" $component | nindent 4 }}
rules:
  - apiGroups: [""]
    resources: [secrets]
    verbs: [create]
  - apiGroups: [""]
    resources: [secrets]
    resourceNames: {{ toJson $names }}
    verbs: [get, patch]
---
{{ include "mytaek1.roleBinding" $component }}
---
apiVersion: batch/v1
kind: Job
metadata:
  # called by what it does: a Job cannot be changed, and the same is the same, whoever applies it
  name: {{ printf "%s-%s" $name (sha256sum $spec | trunc 10) }}
  labels:
    {{- include "mytaek1.labels" $component | nindent 4 }}
spec:
  {{- $spec | nindent 2 }}
{{- end -}}

{{- define "mytaek1.ownSecretsSpec" -}}
{{- $root := index . 0 -}}
{{- $annotations := dict "meta.helm.sh/release-name" $root.Release.Name "meta.helm.sh/release-namespace" $root.Release.Namespace -}}
{{- $secrets := list -}}
{{- range index . 1 -}}
{{- $labels := include "mytaek1.labels" (list $root .component) | fromYaml -}}
{{- $secrets = append $secrets (dict "name" .name "keys" .keys "labels" $labels "annotations" $annotations) -}}
{{- end -}}
backoffLimit: 10
# a first node may be minutes away, and the image after it
activeDeadlineSeconds: 3600
ttlSecondsAfterFinished: 3600
template:
  metadata:
    {{- include "mytaek1.podMetadata" (dict "root" $root "component" "secrets" "values" $root.Values.operator) | nindent 4 }}
  spec:
    {{- include "mytaek1.podDefaults" (list $root "secrets" $root.Values.operator 1000) | nindent 4 }}
    serviceAccountName: {{ include "mytaek1.name" (list $root "secrets") }}
    restartPolicy: OnFailure
    containers:
      - name: secrets
        image: {{ include "mytaek1.image" (list $root "operator") }}
        imagePullPolicy: {{ $root.Values.images.operator.pullPolicy }}
        command: [node, operator/src/own-secrets/main.ts]
        env:
          # how they are made, not what they hold
          {{- $recipes := toYaml (list (dict "name" "SECRETS" "value" (toJson $secrets | replace "$(" "$$("))) }}
          {{- include "mytaek1.env" (list "operator" (printf "%s\n%s" $recipes (include "mytaek1.commonEnv" (list $root "operator")))) | nindent 10 }}
        resources:
          {{- toYaml ($root.Values.operator.resources | default dict) | nindent 10 }}
        securityContext:
          {{- include "mytaek1.containerSecurity" $root | nindent 10 }}
        volumeMounts:
          - { name: tmp, mountPath: /tmp }
          {{- with include "mytaek1.moreMounts" (list $root $root.Values.operator) | trim }}
          {{- . | nindent 10 }}
          {{- end }}
    volumes:
      - name: tmp
        emptyDir: { sizeLimit: 64Mi }
      {{- with include "mytaek1.moreVolumes" (list $root $root.Values.operator) | trim }}
      {{- . | nindent 6 }}
      {{- end }}
{{- end -}}
