{{- /* What the configuration and the values say about the same thing, they say alike; else the chart is not rendered. */}}
{{- define "credmint.server" -}}
{{- $configuration := fromYaml .Values.configuration }}
{{- if hasKey $configuration "Error" }}{{ fail (printf "configuration: %s" $configuration.Error) }}{{ end }}
{{- $server := get $configuration "server" }}
{{- if not (kindIs "map" $server) }}{{ fail "configuration: there is no `server`" }}{{ end }}
{{- toJson $server }}
{{- end }}

{{- define "credmint.replicated" -}}
{{- $server := include "credmint.server" . | fromJson }}
{{- if dig "store" "postgresql" false $server }}yes{{ end }}
{{- end }}

{{- define "credmint.check" -}}
{{- $server := include "credmint.server" . | fromJson }}
{{- if not $server.tls }}{{ fail "configuration: `server.tls` is not set, and the pod is reached from elsewhere" }}{{ end }}
{{- $at := list (list "server.listen" (dig "listen" "" $server) .Values.ports.listen) (list "server.operations.listen" (dig "operations" "listen" "" $server) .Values.ports.operations) }}
{{- range $at }}
{{- $expected := printf "0.0.0.0:%v" (last .) }}
{{- if and (ne (index . 1) $expected) (ne (index . 1) (printf "[::]:%v" (last .))) }}
{{- fail (printf "configuration: `%s` is `%v`, and the pod is asked at %s" (index . 0) (index . 1) $expected) }}
{{- end }}
{{- end }}
{{- if not (dig "operations" "bearer_token_file" "" $server) }}
{{- fail "configuration: `server.operations.bearer_token_file` is not set, and the pod is asked from elsewhere" }}
{{- end }}
{{- if not (hasPrefix "/var/lib/credmint/" (dig "state_directory" "" $server)) }}
{{- fail "configuration: `server.state_directory` is not below /var/lib/credmint, which is all that the pod may write to" }}
{{- end }}
{{- if include "credmint.replicated" . }}
{{- if .Values.state.claim }}{{ fail "state.claim: replicas keep their state in PostgreSQL" }}{{ end }}
{{- else }}
{{- if ne (int .Values.replicas) 1 }}{{ fail (printf "replicas: %v need `server.store.postgresql` in the configuration" .Values.replicas) }}{{ end }}
{{- if not .Values.state.claim }}{{ fail "state.claim: with SQLite the signing keys and the assertions that were used must outlive the pod" }}{{ end }}
{{- end }}
{{- end }}
