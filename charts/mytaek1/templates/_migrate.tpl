{{/*
Whether the database that the release's Pods use now is the one they will use, and serves, so that migrations can run
BEFORE the new Pods. It is not there on a first install (neither Secret nor embedded server exist before the release's objects
do) nor when it is exchanged by the same upgrade. Answers "true" or nothing. Call with (list . "commerce").
*/}}
{{- define "mytaek1.databaseIsThere" -}}
{{- $root := index . 0 -}}
{{- $namespace := $root.Release.Namespace -}}
{{- $mariadb := $root.Values.mariadb -}}
{{- $existing := ternary $mariadb.existingSecret $mariadb.external.existingSecret $mariadb.embedded -}}
{{- $deployment := lookup "apps/v1" "Deployment" $namespace (include "mytaek1.name" .) | default dict -}}
{{- $env := list -}}
{{- range $container := dig "spec" "template" "spec" "containers" list $deployment -}}
{{- range $container.env }}{{ if hasPrefix "MYSQL_" .name }}{{ $env = append $env . }}{{ end }}{{ end -}}
{{- end -}}
{{- if eq (toJson $env) (include "mytaek1.mysqlEnv" . | fromYamlArray | toJson) -}}
{{- $secret := lookup "v1" "Secret" $namespace (include "mytaek1.name" (list $root "database")) | default dict -}}
{{- if $mariadb.embedded -}}
  {{- $server := lookup "apps/v1" "StatefulSet" $namespace (include "mytaek1.name" (list $root "mariadb")) | default dict -}}
  {{- $isKept := or $existing (dig "data" (printf "%s-password" (index . 1)) "" $secret) -}}
  {{- if and $isKept (gt (int (dig "status" "readyReplicas" 0 $server)) 0) }}true{{ end -}}
{{- else if or $existing (eq (dig "data" (printf "%s-url" (index . 1)) "" $secret | b64dec) (index $mariadb.external (printf "%sUrl" (index . 1)))) -}}
  true
{{- end -}}
{{- end -}}
{{- end -}}

{{/*
The Job that brings a service's tables up to date; running it twice changes nothing. It is called by what it does: another
image or database is another Job, since none can be changed, and the same is the same, whoever applies it.
On an upgrade it is a pre-upgrade hook: old Pods serve until the tables are ready, and a failing migration stops the
upgrade. On an install, or where no Helm runs, it is an ordinary object beside the database: as a post-install hook it would
wait, under `helm install --wait`, for Pods that in turn wait for it. Call with (list . "commerce" "name of the env template").
*/}}
{{- define "mytaek1.migrateJob" -}}
{{- $root := index . 0 -}}
{{- $component := printf "%s-migrate" (index . 1) -}}
{{- $spec := include "mytaek1.migrateSpec" . -}}
apiVersion: batch/v1
kind: Job
metadata:
  # a Job's name is a label of its Pods: 63 characters
  name: {{ printf "%s-%s" (include "mytaek1.name" (list $root $component) | trunc 52 | trimSuffix "-") (sha256sum $spec | trunc 10) }}
  labels:
    {{- include "mytaek1.labels" (list $root $component) | nindent 4 }}
  {{- if include "mytaek1.databaseIsThere" . }}
  annotations:
    helm.sh/hook: pre-upgrade
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded,hook-failed
    # the Job is gone after a failure, its log is not
    helm.sh/hook-output-log-policy: hook-failed
  {{- end }}
spec:
  {{- $spec | nindent 2 }}
{{- end -}}

{{- define "mytaek1.migrateSpec" -}}
{{- $root := index . 0 -}}
{{- $component := index . 1 -}}
{{- $values := index $root.Values $component -}}
# tries while a database starts, then gives up well within Helm's five minutes
backoffLimit: 10
activeDeadlineSeconds: 240
ttlSecondsAfterFinished: 3600
template:
  metadata:
    {{- include "mytaek1.podMetadata" (dict "root" $root "component" (printf "%s-migrate" $component) "values" $values) | nindent 4 }}
  spec:
    {{- include "mytaek1.podDefaults" (list $root (printf "%s-migrate" $component) $values 1000) | nindent 4 }}
    restartPolicy: OnFailure
    automountServiceAccountToken: false
    containers:
      - name: migrate
        image: {{ include "mytaek1.image" (list $root $component) }}
        imagePullPolicy: {{ (index $root.Values.images $component).pullPolicy }}
        args: [migrate]
        env:
          {{- include "mytaek1.env" (list $component (include (index . 2) $root)) | nindent 10 }}
        resources:
          {{- toYaml ($values.resources | default dict) | nindent 10 }}
        securityContext:
          {{- include "mytaek1.containerSecurity" $root | nindent 10 }}
        volumeMounts:
          - { name: tmp, mountPath: /tmp }
          {{- with include "mytaek1.moreMounts" (list $root $values) | trim }}
          {{- . | nindent 10 }}
          {{- end }}
    volumes:
      - name: tmp
        emptyDir: { sizeLimit: 64Mi }
      {{- with include "mytaek1.moreVolumes" (list $root $values) | trim }}
      {{- . | nindent 6 }}
      {{- end }}
{{- end -}}
