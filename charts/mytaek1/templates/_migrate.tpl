{{/*
Whether the Secret in the cluster already leads to the database of this release, so that migrations can run
BEFORE the new Pods. It does not on a first install (neither Secret nor embedded database exist before the release's
objects do) nor when the database is exchanged by the same upgrade. Answers "true" or nothing. Call with (list . "commerce").
*/}}
{{- define "mytaek1.databaseIsThere" -}}
{{- $root := index . 0 -}}
{{- $mariadb := $root.Values.mariadb -}}
{{- $secret := lookup "v1" "Secret" $root.Release.Namespace (include "mytaek1.databaseSecret" $root) | default dict -}}
{{- $held := dig "data" (printf "%s-url" (index . 1)) "" $secret | b64dec -}}
{{- if and $root.Release.IsUpgrade $held -}}
  {{- if $mariadb.embedded -}}
    {{- $server := lookup "apps/v1" "StatefulSet" $root.Release.Namespace (include "mytaek1.name" (list $root "mariadb")) | default dict -}}
    {{- if gt (int (dig "status" "readyReplicas" 0 $server)) 0 }}true{{ end -}}
  {{- else if or $mariadb.external.existingSecret (eq $held (index $mariadb.external (printf "%sUrl" (index . 1)))) -}}
    true
  {{- end -}}
{{- end -}}
{{- end -}}

{{/*
The Job that brings a service's tables up to date; running it twice changes nothing.
On an upgrade it is a pre-upgrade hook: old Pods serve until the tables are ready, and a failing migration stops the
upgrade. On an install it is an ordinary object beside the database: as a post-install hook it would wait, under
`helm install --wait`, for Pods that in turn wait for it. Call with (list . "commerce" "name of the env template").
*/}}
{{- define "mytaek1.migrateJob" -}}
{{- $root := index . 0 -}}
{{- $component := index . 1 -}}
{{- $name := include "mytaek1.name" (list $root (printf "%s-migrate" $component)) -}}
{{- $hook := include "mytaek1.databaseIsThere" (list $root $component) -}}
apiVersion: batch/v1
kind: Job
metadata:
  # a Job cannot be changed, so each revision has its own
  name: {{ printf "%s-%d" $name (int $root.Release.Revision) }}
  labels:
    {{- include "mytaek1.labels" (list $root (printf "%s-migrate" $component)) | nindent 4 }}
  {{- if $hook }}
  annotations:
    helm.sh/hook: pre-upgrade
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded,hook-failed
    # the Job is gone after a failure, its log is not
    helm.sh/hook-output-log-policy: hook-failed
  {{- end }}
spec:
  # tries while a database starts, then gives up well within Helm's five minutes
  backoffLimit: 10
  activeDeadlineSeconds: 240
  ttlSecondsAfterFinished: 3600
  template:
    metadata:
      labels:
        {{- include "mytaek1.labels" (list $root (printf "%s-migrate" $component)) | nindent 8 }}
    spec:
      {{- include "mytaek1.podDefaults" (list $root 1000) | nindent 6 }}
      restartPolicy: OnFailure
      automountServiceAccountToken: false
      containers:
        - name: migrate
          image: {{ include "mytaek1.image" (list $root $component) }}
          imagePullPolicy: {{ (index $root.Values.images $component).pullPolicy }}
          args: [migrate]
          env:
            {{- include (index . 2) $root | nindent 12 }}
          resources:
            {{- toYaml (index $root.Values $component).resources | nindent 12 }}
          securityContext:
            {{- include "mytaek1.containerSecurity" $root | nindent 12 }}
          volumeMounts:
            - { name: tmp, mountPath: /tmp }
      volumes:
        - name: tmp
          emptyDir: { sizeLimit: 64Mi }
{{- end -}}
