{{/* The pod, which is the same whatever keeps its data. */}}

{{- define "frontdesk.podTemplate" -}}
{{- include "frontdesk.once" (dict "what" "extraEnv" "key" "name" "given" .Values.extraEnv) }}
{{- include "frontdesk.once" (dict "what" "extraVolumes" "key" "name" "given" .Values.extraVolumes) }}
{{- include "frontdesk.once" (dict "what" "extraVolumeMounts" "key" "mountPath" "given" .Values.extraVolumeMounts) }}
{{- $file := .Values.configuration.file }}
{{- $store := printf "sqlite:/data/%s" (ternary "frontdesk.db" "stores" (not (empty $file))) }}
{{- $isRedis := eq .Values.engine.kind "redis" }}
{{- $labels := fromYaml (include "frontdesk.labels" .) }}
{{- $_ := set $labels "app.kubernetes.io/component" "server" }}
metadata:
  labels:
    {{- merge $labels .Values.podLabels | toYaml | nindent 4 }}
  annotations:
    {{- $sum := dict "checksum/configuration" (list .Values.configuration .Values.ingress.enabled .Values.gateway.enabled | toJson | sha256sum) }}
    {{- merge $sum .Values.podAnnotations | toYaml | nindent 4 }}
spec:
  serviceAccountName: {{ include "frontdesk.serviceAccount" . }}
  automountServiceAccountToken: false
  enableServiceLinks: false # a Service called frontdesk would set variables that begin like ours
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  # A stop takes less than ten seconds; as much again is for a machine that is slow.
  terminationGracePeriodSeconds: {{ add 20 (ternary .Values.drain.waitSeconds 0 $isRedis) }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 10001
    runAsGroup: 10001
    fsGroup: 10001
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile:
      type: RuntimeDefault
  containers:
    - name: frontdesk
      image: {{ include "frontdesk.image" . | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args:
        - serve
        - --config
        - /etc/frontdesk/{{ $file }}
        - --host
        - 0.0.0.0
        - --port
        - "8080"
        - --metrics-port
        - {{ .Values.metrics.port | quote }}
        - --engine
        - {{ ternary .Values.engine.redis.url $store $isRedis | quote }}
        - --log-format
        - {{ .Values.logFormat }}
      {{- with .Values.secrets.existingSecret }}
      envFrom:
        - secretRef:
            name: {{ . }}
      {{- end }}
      env:
        {{- if $isRedis }}
        - name: FRONTDESK_REDIS_PASSWORD
          valueFrom:
            secretKeyRef:
              name: {{ .Values.engine.redis.existingSecret }}
              key: {{ .Values.engine.redis.passwordKey }}
        {{- end }}
        - name: TMPDIR
          value: /tmp
        {{- with .Values.extraEnv }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      ports:
        - name: http
          containerPort: 8080
        - name: metrics
          containerPort: {{ .Values.metrics.port }}
      # It listens once it has loaded everything, and ends by itself when that takes 30 s.
      startupProbe:
        httpGet:
          path: /healthz
          port: http
        periodSeconds: 1
        timeoutSeconds: 3
        failureThreshold: 60
      livenessProbe:
        httpGet:
          path: /healthz
          port: http
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 3
      readinessProbe:
        httpGet:
          path: /readyz
          port: http
        periodSeconds: 2
        timeoutSeconds: 3
        failureThreshold: 2
      {{- if and $isRedis .Values.drain.waitSeconds }}
      lifecycle:
        preStop:
          sleep:
            seconds: {{ .Values.drain.waitSeconds }}
      {{- end }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: [ALL]
      resources:
        {{- toYaml .Values.resources | nindent 8 }}
      volumeMounts:
        - name: configuration
          mountPath: /etc/frontdesk
          readOnly: true
        - name: scratch
          mountPath: /tmp
        {{- if not $isRedis }}
        - name: data
          mountPath: /data
        {{- end }}
        {{- with .Values.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
  volumes:
    - name: configuration
      {{- with .Values.configuration.existingSecret }}
      secret:
        secretName: {{ . }}
        defaultMode: 0440
      {{- else }}
      configMap:
        name: {{ include "frontdesk.fullname" . }}
        defaultMode: 0440
      {{- end }}
    - name: scratch
      emptyDir:
        sizeLimit: 64Mi
    {{- with .Values.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- if .Values.topologySpreadConstraints }}
  topologySpreadConstraints:
    {{- toYaml .Values.topologySpreadConstraints | nindent 4 }}
  {{- else if $isRedis }}
  topologySpreadConstraints:
    {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
    - topologyKey: {{ . }}
      maxSkew: 1
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "frontdesk.serverSelector" $ | nindent 10 }}
      matchLabelKeys: [pod-template-hash]
    {{- end }}
  {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
