#!/usr/bin/env bash
# usage: prometheus.sh PROJECT
#
# Prometheus must accept each of our configurations, and none with a wrong field.
set -euo pipefail
cd "$1/ops"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Debian's Prometheus lacks kubernetes_sd_configs, so dns_sd_configs replace them.
for file in prometheus/prometheus.yml container/prometheus.yaml kubernetes/prometheus.scrape.yaml; do
  sed 's/kubernetes_sd_configs: .*/dns_sd_configs: [{ names: [a], port: 1 }]/' "$file" >"$work/good.yml"
  promtool check config --syntax-only "$work/good.yml" >"$work/log" 2>&1 || { cat "$work/log" && echo "$file is refused" && exit 1; }
  sed 's/job_name:/jobname: a\n    &/' "$work/good.yml" >"$work/wrong.yml"
  ! promtool check config --syntax-only "$work/wrong.yml" >"$work/log" 2>&1 || { echo "$file: a wrong field is not found" && exit 1; }
done
