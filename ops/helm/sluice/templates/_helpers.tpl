{{- /* The name of a part: (dict "root" $ "part" "ingest") */ -}}
{{- define "sluice.name" -}}
{{ printf "%s-%s" (.root.Release.Name | trunc 40 | trimSuffix "-") .part }}
{{- end }}

{{- define "sluice.selector" -}}
app.kubernetes.io/name: {{ .part }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end }}

{{- define "sluice.labels" -}}
{{ include "sluice.selector" . }}
app.kubernetes.io/part-of: sluice
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- /* The image of a part, by its digest if there is one. */ -}}
{{- define "sluice.image" -}}
{{- $image := (index .root.Values .part).image -}}
{{- if $image.digest -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ $image.tag | default .root.Chart.AppVersion }}
{{- end -}}
{{- end }}

{{- /* What every pod has. */ -}}
{{- define "sluice.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  {{- if eq .part "ingest" }}
  fsGroupChangePolicy: OnRootMismatch
  {{- end }}
  seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "sluice.closed" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end }}

{{- /* Where a part's pods may and shall run. */ -}}
{{- define "sluice.placement" -}}
{{- $values := index .root.Values .part -}}
{{- range $key := list "nodeSelector" "tolerations" "affinity" }}
{{- with index $values $key }}
{{ $key }}: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}

{{- /* Mounts and volumes of further secrets. */ -}}
{{- define "sluice.extraMounts" -}}
{{- range . }}
- { name: {{ .name }}, mountPath: {{ .mountPath }}, readOnly: true }
{{- end }}
{{- end }}
{{- define "sluice.extraVolumes" -}}
{{- range . }}
- name: {{ .name }}
  secret: { secretName: {{ .name }}, defaultMode: 0440 }
{{- end }}
{{- end }}

{{- /* A pod's container that runs sluicectl with consumer's configuration: (dict "root" $ "args" (list …)) */ -}}
{{- define "sluice.sluicectl" -}}
restartPolicy: Never
{{ include "sluice.pod" (dict "root" .root "part" "sluicectl") }}
containers:
  - name: sluicectl
    image: {{ include "sluice.image" (dict "root" .root "part" "sluicectl") }}
    args: {{ .args | toJson }}
    env:
      - { name: POD_NAME, value: sluicectl }
      {{- with .root.Values.consumer.env }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
    resources:
      requests: { cpu: 50m, memory: 64Mi }
      limits: { memory: 256Mi }
    {{- include "sluice.closed" . | nindent 4 }}
    volumeMounts:
      - { name: config, mountPath: /etc/sluice, readOnly: true }
      - { name: assure, mountPath: /run/secrets/sluice, readOnly: true }
      {{- include "sluice.extraMounts" .root.Values.consumer.extraSecrets | nindent 6 }}
volumes:
  - name: config
    configMap: { name: {{ include "sluice.name" (dict "root" .root "part" "consumer") }} }
  - name: assure
    secret: { secretName: {{ .root.Values.consumer.secret }}, defaultMode: 0440 }
  {{- include "sluice.extraVolumes" .root.Values.consumer.extraSecrets | nindent 2 }}
{{- end }}
