#!/usr/bin/env bash
# usage: alerts_are_whole.sh PROJECT
#
# Every alert must have a test and a section in the runbook, and none of these may be left over; its
# fault in ops/soak alerts is checked in tests/soak. Every alert says whose it is and how urgent, and
# no rule may lose the labels of its environment. Every metric of a rule or dashboard must be in
# ops/docs/metrics.md, and every name in the runbook must exist.
set -euo pipefail
cd "$1"
rules=(ops/prometheus/sluice.{rules,slo}.yml)
status=0

# same WHAT A B: compares two sorted lists and prints the differences.
same() {
  local difference
  difference=$(diff <(echo "$2") <(echo "$3") | grep '^[<>]' || true)
  [[ ! $difference ]] || { echo "alerts (<) and $1 (>) differ:" && echo "$difference" && status=1; }
}

alerts=$(sed -n 's/^ *- alert: //p' "${rules[@]}" | sort)
[[ $alerts ]] || { echo "the rules have no alert" && exit 1; }
same "alerts tested by promtool" "$alerts" "$(sed -n 's/^ *alertname: //p' ops/prometheus/*.test.yml | sort -u)"
same "sections of the runbook" "$alerts" "$(sed -n 's/^## //p' ops/docs/runbook.md | sort)"
same "links to the runbook" "$(sort <<<"${alerts,,}")" "$(sed -n 's/.*runbook_url: ops\/docs\/runbook.md#//p' "${rules[@]}" | sort)"
same "labels of whose and how urgent" "$(sed -n 's/^ *- alert: .*/labels/p' "${rules[@]}")" \
  "$(sed -nE 's/^ *(labels): \{ service: sluice, severity: (page|ticket) \}$/\1/p' "${rules[@]}")"
lost=$(grep -nE '\b(by|on|without|ignoring) ?\(' "${rules[@]}" |
  grep -vE '(by|on) \(cluster, namespace[,)]|without \((result|action)\)' || true)
[[ ! $lost ]] || { echo "loses the labels cluster and namespace: $lost" && status=1; }

# MetricsReference compares it with the programs.
known=$(awk -F'[|` ]+' '/^\| .sluice_/ { print $2 }' ops/docs/metrics.md)
[[ $known ]] || { echo "ops/docs/metrics.md has no metric" && exit 1; }
while read -r metric; do
  grep -qx "$metric" <<<"$known" || { echo "there is no metric $metric" && status=1; }
done < <(grep -oh 'sluice_[a-z_]*' "${rules[@]}" ops/grafana/dashboards/*.json | sed -E 's/_(bucket|count|sum)$//' | sort -u)

# Log events and configuration keys that the runbook names.
# shellcheck disable=SC2016 # These are no commands.
while read -r name; do
  grep -rqwF "$name" --include='*.cc' --include='*.h' --include=configuration.md ingest consumer common ops/docs ||
    { echo "the runbook names $name, which does not exist" && status=1; }
done < <(grep -oE '`[a-z]+\.[a-z_]+`' ops/docs/runbook.md | tr -d '`' | sort -u)
exit "$status"
