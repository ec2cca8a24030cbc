{{/* Rungs as the stream process reads them: 480:1200000,360:600000, or none. */}}
{{- define "mytaek1.ladder" -}}
{{- $rungs := list -}}
{{- range . }}{{ $rungs = append $rungs (printf "%d:%d" (int .height) (int .bitrateBps)) }}{{ end -}}
{{- join "," $rungs | default "none" -}}
{{- end -}}

{{/* Three quarters of a quantity, in bytes: 4Gi is 3221225472. */}}
{{- define "mytaek1.mostOf" -}}
{{- mulf (include "mytaek1.amount" . | float64) 0.75 | int64 -}}
{{- end -}}

{{/* Variables of a stream Pod. */}}
{{- define "mytaek1.streamEnv" -}}
# what lives is small: more room for young objects is memory without use
- { name: NODE_OPTIONS, value: --max-semi-space-size=8 }
- name: STREAM_DRAIN_SECONDS
  value: {{ .Values.stream.drainSeconds | quote }}
# the rest is for what is being written, and for windows that cannot be any shorter
- name: DVR_MAX_BYTES
  value: {{ include "mytaek1.mostOf" .Values.stream.diskLimit | quote }}
- name: ENCODER_PRESET
  value: {{ .Values.stream.encoderPreset }}
{{- if kindIs "slice" .Values.stream.ladder }}
- name: LADDER
  value: {{ include "mytaek1.ladder" .Values.stream.ladder | quote }}
{{- end }}
# owns the Lease of its heartbeat
- name: POD_UID
  valueFrom:
    fieldRef: { fieldPath: metadata.uid }
{{ include "mytaek1.s3Env" . }}
{{ include "mytaek1.commonEnv" (list . "stream") }}
{{- end -}}

{{/* The Pod of one stream, as the operator makes it; it adds name, labels and owner. */}}
{{- define "mytaek1.streamPod" -}}
metadata:
  labels:
    {{- include "mytaek1.selector" (list . "stream") | nindent 4 }}
spec:
  {{- include "mytaek1.podDefaults" (list . 1000) | nindent 2 }}
  serviceAccountName: {{ include "mytaek1.name" (list . "stream") }}
  # another Pod takes over at once and with clean state
  restartPolicy: Never
  # it leaves as soon as another Pod has its stream; the rest is for closing doors
  terminationGracePeriodSeconds: {{ add .Values.stream.drainSeconds 30 }}
  containers:
    - name: stream
      image: {{ include "mytaek1.image" (list . "media") }}
      imagePullPolicy: {{ .Values.images.media.pullPolicy }}
      args: [stream]
      env:
        {{- include "mytaek1.env" (list "stream" (include "mytaek1.streamEnv" .)) | nindent 8 }}
      ports:
        - { name: rtmp, containerPort: 1935 }
        - { name: http, containerPort: 8080 }
        - { name: admin, containerPort: 9090 }
      startupProbe:
        httpGet: { path: /healthz, port: admin }
        periodSeconds: 1
        timeoutSeconds: 3
        failureThreshold: 300
        terminationGracePeriodSeconds: 10
      # every second: this delay is a part of a cold start
      readinessProbe:
        httpGet: { path: /readyz, port: admin }
        periodSeconds: 1
        timeoutSeconds: 3
        failureThreshold: 5
      livenessProbe:
        httpGet: { path: /healthz, port: admin }
        periodSeconds: 10
        timeoutSeconds: 10
        failureThreshold: 12
        # a process that hangs hands nothing over
        terminationGracePeriodSeconds: 10
      resources:
        {{- toYaml .Values.stream.resources | nindent 8 }}
      securityContext:
        {{- include "mytaek1.containerSecurity" . | nindent 8 }}
      volumeMounts:
        - { name: tmp, mountPath: /tmp }
  volumes:
    # parts and segments of the DVR window live here
    - name: tmp
      emptyDir: { sizeLimit: {{ .Values.stream.diskLimit | quote }} }
{{- end -}}
