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
# the socket of the container beside it
- { name: TRANSCODER_DIR, value: /run/transcoder }
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

{{/* Variables of the container that decodes what strangers send: it is told nothing that it could give away. */}}
{{- define "mytaek1.transcoderEnv" -}}
- { name: NODE_OPTIONS, value: --max-semi-space-size=1 }
- { name: TRANSCODER_DIR, value: /run/transcoder }
{{- end -}}

{{/* The Pod of one stream, as the operator makes it; it adds name, labels and owner. */}}
{{- define "mytaek1.streamPod" -}}
{{- /* a role's token is for the stream container alone, too: Amazon's webhook gives it to all others that it is not told of */}}
{{- $skip := dict "eks.amazonaws.com/skip-containers" "transcoder" }}
metadata:
  {{- include "mytaek1.podMetadata" (dict "root" . "component" "stream" "isLasting" true "values" .Values.stream "annotations" $skip) | nindent 2 }}
spec:
  {{- include "mytaek1.podDefaults" (list . "stream" .Values.stream 1000) | nindent 2 }}
  serviceAccountName: {{ include "mytaek1.serviceAccountName" (list . "stream") }}
  # the stream container alone has the token, in the volume `kubernetes`
  automountServiceAccountToken: false
  # another Pod takes over at once and with clean state
  restartPolicy: Never
  # it leaves as soon as another Pod has its stream; the rest is for closing doors
  terminationGracePeriodSeconds: {{ add .Values.stream.drainSeconds 30 }}
  # ffmpeg runs here, without token, keys or any Secret. A sidecar (Kubernetes 1.29): kubelet starts it again when it ends,
  # which the stream container survives, and ends it when that one has
  initContainers:
    - name: transcoder
      image: {{ include "mytaek1.image" (list . "media") }}
      imagePullPolicy: {{ .Values.images.media.pullPolicy }}
      restartPolicy: Always
      args: [transcoder]
      env:
        {{- include "mytaek1.transcoderEnv" . | nindent 8 }}
      resources:
        {{- toYaml (.Values.stream.transcoder.resources | default dict) | nindent 8 }}
      securityContext:
        {{- include "mytaek1.containerSecurity" . | nindent 8 }}
      volumeMounts:
        - { name: transcoder, mountPath: /run/transcoder }
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
        {{- toYaml (.Values.stream.resources | default dict) | nindent 8 }}
      securityContext:
        {{- include "mytaek1.containerSecurity" . | nindent 8 }}
      volumeMounts:
        - { name: tmp, mountPath: /tmp }
        - { name: transcoder, mountPath: /run/transcoder }
        - { name: kubernetes, mountPath: /var/run/secrets/kubernetes.io/serviceaccount, readOnly: true }
        {{- with include "mytaek1.moreMounts" (list . .Values.stream) | trim }}
        {{- . | nindent 8 }}
        {{- end }}
  volumes:
    # parts and segments of the DVR window live here
    - name: tmp
      emptyDir: { sizeLimit: {{ .Values.stream.diskLimit | quote }} }
    # sockets only
    - name: transcoder
      emptyDir: { medium: Memory, sizeLimit: 1Mi }
    # what kubelet would mount into every container: a token of this Pod, renewed in place, and whom to trust
    - name: kubernetes
      projected:
        sources:
          - serviceAccountToken: { path: token, expirationSeconds: 3600 }
          - configMap:
              name: kube-root-ca.crt
              items: [{ key: ca.crt, path: ca.crt }]
          - downwardAPI:
              items:
                - path: namespace
                  fieldRef: { apiVersion: v1, fieldPath: metadata.namespace }
    {{- with include "mytaek1.moreVolumes" (list . .Values.stream) | trim }}
    {{- . | nindent 4 }}
    {{- end }}
{{- end -}}
