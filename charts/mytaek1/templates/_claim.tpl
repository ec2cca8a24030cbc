{{/*
Spec of a store's volume claims; without a class the cluster's default. A StatefulSet's own cannot be changed, so a live one
keeps what it has, and a size that the volumes do not have is refused with what to do. Call with (list . "mariadb").
*/}}
{{- define "mytaek1.claim" -}}
{{- $root := index . 0 -}}
{{- $namespace := $root.Release.Namespace -}}
{{- $name := include "mytaek1.name" . -}}
{{- $values := index $root.Values (index . 1) -}}
{{- $size := $values.persistence.size -}}
{{- $class := $values.persistence.storageClass | default "" -}}
{{- range $i := until (int ($values.masters | default 1)) -}}
{{- $claim := printf "data-%s-%d" $name $i -}}
{{- $has := dig "spec" "resources" "requests" "storage" "" (lookup "v1" "PersistentVolumeClaim" $namespace $claim | default dict) -}}
{{- if and $has (lt (include "mytaek1.amount" $has | float64) (include "mytaek1.amount" $size | float64)) -}}
{{- fail (printf "%s.persistence.size: the volume of %s has %s, and Helm cannot make it %v. Grow it first (its StorageClass must allow that), then try again: kubectl -n %s patch pvc %s -p '{\"spec\":{\"resources\":{\"requests\":{\"storage\":\"%v\"}}}}'" (index $ 1) $claim $has $size $namespace $claim $size) -}}
{{- end -}}
{{- end -}}
{{- $held := dig "spec" "volumeClaimTemplates" list (lookup "apps/v1" "StatefulSet" $namespace $name | default dict) -}}
{{- if $held -}}
{{- $spec := (first $held).spec -}}
{{- if ne $class ($spec.storageClassName | default "") -}}
{{- fail (printf "%s.persistence.storageClass: the volumes of %s were made with %q, and their class cannot be changed to %q" (index . 1) $name ($spec.storageClassName | default "") $class) -}}
{{- end -}}
{{- $size = $spec.resources.requests.storage -}}
{{- end -}}
accessModes: [ReadWriteOnce]
{{- with $class }}
storageClassName: {{ . | quote }}
{{- end }}
resources:
  requests:
    storage: {{ $size | quote }}
{{- end -}}
