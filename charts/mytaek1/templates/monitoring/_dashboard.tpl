{{/* Whether the value at a path is neither empty nor 0. Answers "true" or nothing. Call with (list .Values "stream.warmPods"). */}}
{{- define "mytaek1.isSet" -}}
{{- $value := index . 0 -}}
{{- range splitList "." (index . 1) }}{{ $value = get $value . }}{{ end -}}
{{- if $value }}true{{ end -}}
{{- end -}}

{{/* A dashboard as Grafana has it, JSON: two panels a row. Call with (list "uid" $board), $board being one of files/dashboards. */}}
{{- define "mytaek1.dashboard" -}}
{{- $board := index . 1 -}}
{{- $source := dict "type" "prometheus" "uid" "${datasource}" -}}
{{- $panels := list -}}
{{- range $i, $panel := $board.panels -}}
{{- $targets := list -}}
{{- range $j, $query := $panel.queries -}}
{{- $expr := replace "{NS" "{namespace=\"$namespace\"" $query.expr -}}
{{- $targets = append $targets (dict "refId" (printf "Q%d" $j) "datasource" $source "expr" $expr "legendFormat" $query.legend) -}}
{{- end -}}
{{- $place := dict "x" (mul 12 (mod $i 2)) "y" (mul 8 (div $i 2)) "w" 12 "h" 8 -}}
{{- $field := dict "defaults" (dict "unit" $panel.unit "min" 0) "overrides" list -}}
{{- $panels = append $panels (dict "id" (add1 $i) "type" "timeseries" "title" $panel.title "datasource" $source "gridPos" $place "fieldConfig" $field "targets" $targets) -}}
{{- end -}}
{{- $choice := dict "name" "datasource" "type" "datasource" "query" "prometheus" "label" "Prometheus" -}}
{{- $namespace := dict "name" "namespace" "type" "query" "label" "Namespace" "datasource" $source "refresh" 2 "query" (dict "query" "label_values(process_start_time_seconds{service=\"commerce\"}, namespace)" "refId" "namespaces") -}}
{{- dict "uid" (index . 0) "title" $board.title "tags" (list "mytaek1") "schemaVersion" 39 "editable" false "refresh" "30s" "time" (dict "from" "now-1h" "to" "now") "templating" (dict "list" (list $choice $namespace)) "panels" $panels | toJson -}}
{{- end -}}
