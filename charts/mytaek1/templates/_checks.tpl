{{/*
What must be refused before anything is made: the apiserver would refuse it after half of the objects are there, or nobody
would before it does harm.
*/}}
{{- define "mytaek1.checks" -}}
{{- include "mytaek1.checkValuesOf" . -}}
{{- include "mytaek1.checkName" . -}}
{{- include "mytaek1.checkNamespace" . -}}
{{- include "mytaek1.checkGateways" . -}}
{{- include "mytaek1.checkMail" . -}}
{{- include "mytaek1.checkGateway" . -}}
{{- include "mytaek1.checkPods" . -}}
{{- range $component := list "commerce" "payment" "storefront" "ingest" "edge" -}}
{{- include "mytaek1.checkScaling" (list $component (index $.Values $component).autoscaling) -}}
{{- end -}}
{{- include "mytaek1.checkScaling" (list "edge.door" .Values.edge.door.autoscaling) -}}
{{- range $component := list "commerce" "payment" "storefront" "operator" "ingest" "edge" "stream" "mariadb" "redis" "s3" -}}
{{- include "mytaek1.checkResources" (list $component (index $.Values $component).resources) -}}
{{- end -}}
{{- include "mytaek1.checkResources" (list "edge.door" .Values.edge.door.resources) -}}
{{- $memory := get ((.Values.edge.door.resources | default dict).limits | default dict) "memory" -}}
{{- if $memory -}}
{{- if ge (include "mytaek1.amount" .Values.edge.door.cacheSize | float64) (include "mytaek1.amount" $memory | float64) -}}
{{- fail (printf "edge.door: cacheSize %s is in memory and counts to the Pod's limit of %v" .Values.edge.door.cacheSize $memory) -}}
{{- end -}}
{{- end -}}
{{- if and (hasPrefix "https://" .Values.public.httpUrl) (hasPrefix "http://" (.Values.public.hlsUrl | default "")) -}}
{{- fail (printf "public.hlsUrl: no browser lets pages of %s read streams from %s: both have to be https" .Values.public.httpUrl .Values.public.hlsUrl) -}}
{{- end -}}
{{- include "mytaek1.checkResources" (list "payment.simulator" .Values.payment.simulator.resources) -}}
{{- include "mytaek1.checkResources" (list "mail.sink" .Values.mail.sink.resources) -}}
{{- include "mytaek1.checkResources" (list "test" .Values.test.resources) -}}
{{- include "mytaek1.checkResources" (list "stream.transcoder" .Values.stream.transcoder.resources) -}}
{{- $disk := get ((.Values.stream.resources | default dict).requests | default dict) "ephemeral-storage" -}}
{{- if $disk -}}
{{- if gt (include "mytaek1.amount" $disk | float64) (include "mytaek1.amount" .Values.stream.diskLimit | float64) -}}
{{- fail (printf "stream.resources: the request of %v ephemeral-storage is more than stream.diskLimit %v" $disk .Values.stream.diskLimit) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The apiserver refuses both when half of the objects are there. Call with (list "commerce" $scaling). */}}
{{- define "mytaek1.checkScaling" -}}
{{- $name := index . 0 -}}
{{- $scaling := index . 1 -}}
{{- if gt (int $scaling.minReplicas) (int $scaling.maxReplicas) -}}
{{- fail (printf "%s.autoscaling: minReplicas %d is more than maxReplicas %d" $name (int $scaling.minReplicas) (int $scaling.maxReplicas)) -}}
{{- end -}}
{{- if not (regexMatch "[1-9]" (toString $scaling.targetCPU)) -}}
{{- fail (printf "%s.autoscaling: targetCPU %v is none; what one Pod may take before another is added is more than 0, for example 500m" $name $scaling.targetCPU) -}}
{{- end -}}
{{- end -}}

{{/* Labels of ours select, a bundle comes from one object, and a ServiceAccount that is not made has a name. */}}
{{- define "mytaek1.checkPods" -}}
{{- range $component := list "commerce" "payment" "storefront" "operator" "ingest" "edge" "stream" "mariadb" "redis" "s3" -}}
{{- $values := index $.Values $component -}}
{{- $account := $values.serviceAccount | default dict -}}
{{- if and (eq (toString $account.create) "false") (not $account.name) -}}
{{- fail (printf "%s.serviceAccount.name: say which, for serviceAccount.create is false" $component) -}}
{{- end -}}
{{- $budget := $values.pdb | default dict -}}
{{- if and (hasKey $budget "minAvailable") (hasKey $budget "maxUnavailable") -}}
{{- fail (printf "%s.pdb: minAvailable and maxUnavailable exclude each other" $component) -}}
{{- end -}}
{{- end -}}
{{- include "mytaek1.checkLabels" (list "" .Values) -}}
{{- $bundle := .Values.caBundle | default dict -}}
{{- if and .Values.ingress.hosts (not .Values.ingress.host) -}}
{{- fail "ingress.hosts: are more than ingress.host, which is empty and so every host" -}}
{{- end -}}
{{- if and $bundle.configMap $bundle.secret -}}
{{- fail "caBundle: name a ConfigMap or a Secret, not both" -}}
{{- end -}}
{{- end -}}

{{/* What the platform finds its objects by is not for values to say, wherever they have labels. Call with (list "" .Values). */}}
{{- define "mytaek1.checkLabels" -}}
{{- $before := index . 0 -}}
{{- range $key, $value := index . 1 -}}
{{- $where := printf "%s%s" $before $key -}}
{{- if kindIs "map" $value -}}
{{- if has $key (list "labels" "commonLabels" "podLabels") -}}
{{- range $label, $_ := $value -}}
{{- if has $label (list "app.kubernetes.io/name" "app.kubernetes.io/instance" "app.kubernetes.io/component") -}}
{{- fail (printf "%s: %s is the chart's own, and Pods are selected by it" $where $label) -}}
{{- else if eq $label "app.kubernetes.io/managed-by" -}}
{{- fail (printf "%s: %s is Helm's own: it takes over no object without it" $where $label) -}}
{{- else if hasPrefix "live.mytaek1.dev/" $label -}}
{{- fail (printf "%s: %s is the operator's own" $where $label) -}}
{{- end -}}
{{- end -}}
{{- else if not (hasPrefix "global" $where) -}}
{{- include "mytaek1.checkLabels" (list (printf "%s." $where) $value) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* A gateway without its keys or its address would refuse every buyer, after the release. */}}
{{- define "mytaek1.checkGateways" -}}
{{- if not .Values.payment.gateways -}}
{{- fail "payment.gateways: name at least one, for nothing can be paid otherwise" -}}
{{- end -}}
{{- $seen := dict -}}
{{- range .Values.payment.gateways -}}
{{- if hasKey $seen .name -}}
{{- fail (printf "payment.gateways: %s is there twice; one gateway has one entry, with all of its currencies and methods" .name) -}}
{{- end -}}
{{- $_ := set $seen .name true -}}
{{- if eq .name "simulator" -}}
{{- if not $.Values.payment.simulator.enabled -}}
{{- fail "payment.gateways: the simulator is asked for, and payment.simulator.enabled is false" -}}
{{- end -}}
{{- else -}}
{{- if not .existingSecret -}}
{{- fail (printf "payment.gateways: %s needs existingSecret, a Secret of yours with its keys" .name) -}}
{{- end -}}
{{- if not (hasPrefix "https://" $.Values.public.httpUrl) -}}
{{- fail (printf "payment.gateways: %s leads buyers back to public.httpUrl, which has to be https, not %s" .name $.Values.public.httpUrl) -}}
{{- end -}}
{{- end -}}
{{- if and .keyIn (not (has .name (list "simulator" "toss"))) -}}
{{- fail (printf "payment.gateways: %s takes cards in its own window only, so it has no keyIn" .name) -}}
{{- end -}}
{{- if and (eq .name "portone") (or (not .storeId) (not .channelKey)) -}}
{{- fail "payment.gateways: portone needs storeId and channelKey, which its console shows" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Mail that cannot leave would wait for ever, and a password in the clear is not one for long. */}}
{{- define "mytaek1.checkMail" -}}
{{- $smtp := .Values.mail.smtp -}}
{{- if and $smtp.host .Values.mail.sink.enabled -}}
{{- fail "mail.sink: mails go either to mail.smtp.host or into the sink, which shows them to anybody; switch one off" -}}
{{- end -}}
{{- if and $smtp.host (not .Values.mail.from) -}}
{{- fail "mail.from: say who mails are from, for mail.smtp.host is set" -}}
{{- end -}}
{{- if and $smtp.user (not $smtp.host) -}}
{{- fail "mail.smtp.user: is for mail.smtp.host, which is empty" -}}
{{- end -}}
{{- if and $smtp.user (not $smtp.existingSecret) -}}
{{- fail "mail.smtp.user: needs existingSecret, a Secret of yours with the password" -}}
{{- end -}}
{{- if and $smtp.secretKeys.ca (not $smtp.existingSecret) -}}
{{- fail "mail.smtp.secretKeys.ca: needs existingSecret, a Secret of yours with that certificate" -}}
{{- end -}}
{{- if and $smtp.user (eq $smtp.tls "none") -}}
{{- fail "mail.smtp.tls: none would send the password in the clear; take starttls or tls" -}}
{{- end -}}
{{- end -}}

{{/* `helm upgrade --reuse-values` puts the values of the release, defaults of its chart included, in place of this chart's. */}}
{{- define "mytaek1.checkValuesOf" -}}
{{- if ne (toString .Values.valuesOf) .Chart.Version -}}
{{- fail (printf "these are the values of an older chart (%s), not of %s, which --reuse-values brings: what is new in this chart has no value. Upgrade with --reset-then-reuse-values (Helm 3.14), or with -f and your own values" (.Values.valuesOf | default "before 0.1.0" | toString) .Chart.Version) -}}
{{- end -}}
{{- end -}}

{{/* Every Service is called after the release, and a Service's name is a DNS label. */}}
{{- define "mytaek1.checkName" -}}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" .Release.Name) -}}
{{- fail (printf "the release cannot be called %q: Services are named after it, so it begins with a letter and has only lower-case letters, digits and dashes (RFC 1035)" .Release.Name) -}}
{{- end -}}
{{- end -}}

{{/* Two releases in one namespace would have two operators for the same Broadcasts, and the first uninstall would end them all. */}}
{{- define "mytaek1.checkNamespace" -}}
{{- if .Release.IsInstall -}}
{{- range (lookup "apps/v1" "Deployment" .Release.Namespace "" | default dict).items -}}
{{- $labels := .metadata.labels | default dict -}}
{{- $instance := get $labels "app.kubernetes.io/instance" -}}
{{- if and (eq (get $labels "app.kubernetes.io/name") "mytaek1") (eq (get $labels "app.kubernetes.io/component") "operator") (ne $instance $.Release.Name) -}}
{{- fail (printf "the namespace %s has the release %s of this chart already, and its operator answers for every Broadcast there: install %s into a namespace of its own, with crds.enabled=false" $.Release.Namespace $instance $.Release.Name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The apiserver takes no Pod that asks for more than it may have. Call with (list "commerce" $resources). */}}
{{- define "mytaek1.checkResources" -}}
{{- $resources := index . 1 | default dict -}}
{{- range $what, $limit := $resources.limits -}}
{{- $request := get ($resources.requests | default dict) $what -}}
{{- if and (not (empty $request)) (not (empty $limit)) -}}
{{- if gt (include "mytaek1.amount" $request | float64) (include "mytaek1.amount" $limit | float64) -}}
{{- fail (printf "%s.resources: the request of %v %s is more than the limit of %v" (index $ 0) $request $what $limit) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
