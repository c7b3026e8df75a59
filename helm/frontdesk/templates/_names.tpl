{{/* What objects are called, and the labels they carry. */}}

{{- define "frontdesk.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* 63 characters are what a label holds, and 12 of them are for endings such as -metrics. */}}
{{- define "frontdesk.fullname" -}}
{{- $name := include "frontdesk.name" . }}
{{- $given := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) }}
{{- default $given .Values.fullnameOverride | trunc 51 | trimSuffix "-" }}
{{- end }}

{{- define "frontdesk.serviceAccount" -}}
{{- $made := ternary (include "frontdesk.fullname" .) "default" .Values.serviceAccount.create }}
{{- default $made .Values.serviceAccount.name }}
{{- end }}

{{- define "frontdesk.image" -}}
{{- $image := .Values.image }}
{{- if $image.digest }}
{{- printf "%s@%s" $image.repository $image.digest }}
{{- else }}
{{- printf "%s:%s" $image.repository (default .Chart.AppVersion $image.tag) }}
{{- end }}
{{- end }}

{{/* What never changes, so that what selects by it goes on finding it. */}}
{{- define "frontdesk.selector" -}}
app.kubernetes.io/name: {{ include "frontdesk.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "frontdesk.serverSelector" -}}
{{ include "frontdesk.selector" . }}
app.kubernetes.io/component: server
{{- end }}

{{/* Takes the labels that follow, beside those of the chart: one key may be said once only. */}}
{{- define "frontdesk.labels" -}}
{{- $own := fromYaml (include "frontdesk.selector" .) }}
{{- $_ := set $own "app.kubernetes.io/version" .Chart.AppVersion }}
{{- $_ := set $own "app.kubernetes.io/managed-by" .Release.Service }}
{{- $_ := set $own "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_") }}
{{- toYaml (merge $own .Values.commonLabels) }}
{{- end }}

{{/* Metadata of an object: context, and what its name ends with, its component, labels and annotations. */}}
{{- define "frontdesk.metadata" -}}
{{- $labels := fromYaml (include "frontdesk.labels" .context) }}
{{- with .component }}
{{- $_ := set $labels "app.kubernetes.io/component" . }}
{{- end -}}
name: {{ default (printf "%s%s" (include "frontdesk.fullname" .context) (default "" .ending)) .name }}
namespace: {{ .context.Release.Namespace }}
labels:
  {{- merge $labels (.labels | default dict) | toYaml | nindent 2 }}
{{- with .annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "frontdesk.testSelector" -}}
{{ include "frontdesk.selector" . }}
app.kubernetes.io/component: test
{{- end }}

{{/* Says yes where a configuration that was read has a secret, at any depth. */}}
{{- define "frontdesk.hasSecret" -}}
{{- if kindIs "map" . }}
{{- range $key, $value := . }}
{{- if and $value (has $key (list "secret" "seal_key" "former_seal_keys" "identity_secret")) }}yes{{ end }}
{{- include "frontdesk.hasSecret" $value }}
{{- end }}
{{- else if kindIs "slice" . }}
{{- range . }}
{{- include "frontdesk.hasSecret" . }}
{{- end }}
{{- end }}
{{- end }}

{{/* Fails where two things of a list of values are called the same: Kubernetes would take the last, or neither. */}}
{{- define "frontdesk.once" -}}
{{- $key := .key }}
{{- $seen := list }}
{{- range .given }}
{{- if has (get . $key) $seen }}
{{- fail (printf "%s has %s twice" $.what (get . $key)) }}
{{- end }}
{{- $seen = append $seen (get . $key) }}
{{- end }}
{{- end }}
