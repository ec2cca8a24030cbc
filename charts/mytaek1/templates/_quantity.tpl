{{/* A quantity as a plain number of bytes or cores: 4Gi is 4294967296, 50m is 0.05. Call with the quantity. */}}
{{- define "mytaek1.amount" -}}
{{- $units := dict "" 1 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 "m" 0.001 -}}
{{- /* a number of a values file is a float, and a large one would be written with an exponent */ -}}
{{- $text := ternary (printf "%.3f" .) (toString .) (kindIs "float64" .) -}}
{{- mulf (regexFind "^[0-9.]+" $text | float64) (get $units (regexFind "[A-Za-z]*$" $text)) | printf "%.3f" -}}
{{- end -}}
