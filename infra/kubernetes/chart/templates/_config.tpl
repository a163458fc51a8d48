{{/* holdfast.yaml: what the values say, and what only the chart knows. */}}
{{- define "holdfast.config" -}}
{{- $config := deepCopy .Values.config -}}
{{- $cluster := dict "name" (default (include "holdfast.fullname" .) $config.cluster.name) "node" "${POD_NAME}" -}}
{{- $_ := set $config "cluster" $cluster -}}
{{- $_ := set $config.store "url" (include "holdfast.storeUrl" .) -}}
{{- $_ := set $config.admin "token" "${HOLDFAST_ADMIN_TOKEN}" -}}
{{- $secrets := list -}}
{{- range $index, $_ := .Values.secret.sealingKeys -}}
{{- $secrets = append $secrets (printf "${HOLDFAST_SECRET_%d}" (add1 $index)) -}}
{{- end -}}
{{- $_ := set $config "secrets" $secrets -}}
{{- $delay := printf "%ds" (int .Values.shutdown.delaySeconds) -}}
{{- $deadline := printf "%ds" (int .Values.shutdown.deadlineSeconds) -}}
{{- $_ := set $config "shutdown" (dict "delay" $delay "deadline" $deadline) -}}
{{- toYaml $config -}}
{{- end -}}

{{/* Pods share neither memory nor a file. */}}
{{- define "holdfast.storeUrl" -}}
{{- $ours := ternary (printf "redis://%s-redis:6379" (include "holdfast.fullname" .)) "" .Values.redis.enabled -}}
{{- $url := default $ours .Values.config.store.url -}}
{{- if not $url -}}
{{- fail "config.store.url: expected the URL of a Redis that all nodes share, found none: name one, or try things out with redis.enabled=true" -}}
{{- end -}}
{{- if not (hasPrefix "redis" $url) -}}
{{- fail (printf "config.store.url: expected a Redis, found %s, which pods cannot share" $url) -}}
{{- end -}}
{{- $url -}}
{{- end -}}

{{/* What a running node cannot change, as text: pods are replaced when it is another one. The rest they read from the file. */}}
{{- define "holdfast.fixedConfig" -}}
{{- $config := fromYaml (include "holdfast.config" .) -}}
{{- $fixed := omit $config "secrets" "shutdown" "listeners" "pools" -}}
{{- $_ := set $fixed "admin" (omit $config.admin "token" "endpointNetworks") -}}
{{- $_ := set $fixed "log" (omit (default dict $config.log) "level") -}}
{{- $sockets := list -}}
{{- range $config.listeners -}}
{{- $sockets = append $sockets (pick . "listen" "server" "protocol" "proxyProtocol") -}}
{{- end -}}
{{- $_ := set $fixed "sockets" $sockets -}}
{{- toYaml $fixed -}}
{{- end -}}

{{- define "holdfast.portOf" -}}
{{- regexFind "[0-9]+$" . -}}
{{- end -}}

{{/* Not empty for an address that only the pod itself can reach. */}}
{{- define "holdfast.isLoopback" -}}
{{- if regexMatch "^(127\\.|localhost:|\\[::1\\])" . -}}yes{{- end -}}
{{- end -}}

{{/* The listeners that other pods can reach: name, port and protocol of each. */}}
{{- define "holdfast.ports" -}}
{{- $ports := list -}}
{{- range .Values.config.listeners -}}
{{- if not (include "holdfast.isLoopback" .listen) -}}
{{- $protocol := ternary "UDP" "TCP" (eq (default "http" .protocol) "udp") -}}
{{- $ports = append $ports (dict "name" .name "port" (include "holdfast.portOf" .listen | int) "protocol" $protocol) -}}
{{- end -}}
{{- end -}}
{{- toYaml $ports -}}
{{- end -}}

{{- define "holdfast.adminPort" -}}
{{- include "holdfast.portOf" .Values.config.admin.listen -}}
{{- end -}}

{{/* What operators and Prometheus can reach beside the listeners: name and port of each. */}}
{{- define "holdfast.operatorPorts" -}}
{{- $ports := list (dict "name" "admin" "port" (include "holdfast.adminPort" . | int)) -}}
{{- $listen := dig "telemetry" "metrics" "listen" "" .Values.config -}}
{{- if and $listen (not (include "holdfast.isLoopback" $listen)) -}}
{{- $ports = append $ports (dict "name" "metrics" "port" (include "holdfast.portOf" $listen | int)) -}}
{{- end -}}
{{- toYaml $ports -}}
{{- end -}}

{{/* The namespaces in which nodes look for EndpointSlices. */}}
{{- define "holdfast.discoveredNamespaces" -}}
{{- $namespaces := list -}}
{{- range .Values.config.pools -}}
{{- if eq (dig "discovery" "type" "" .) "kubernetes" -}}
{{- $namespaces = append $namespaces (dig "discovery" "namespace" "default" .) -}}
{{- end -}}
{{- end -}}
{{- toYaml (uniq $namespaces) -}}
{{- end -}}
