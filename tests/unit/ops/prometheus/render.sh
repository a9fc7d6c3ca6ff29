#!/usr/bin/env bash
# usage: render.sh PROJECT
#
# ops/prometheus/render must change the links of the rules, and nothing else, and refuse what is no
# address. The PrometheusRule has the same groups, and the component of ops/kubernetes is as it is made
# now.
set -euo pipefail
cd "$1/ops/prometheus"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "render: $*" && exit 1; }

./render >"$work/plain.yml"
./render --runbooks https://wiki.example/a/runbook --grafana https://grafana.example/sub/ >"$work/absolute.yml"
./render --kubernetes --label release=prometheus --grafana https://grafana.example >"$work/kubernetes.yml"
promtool check rules --lint=all --lint-fatal "$work/plain.yml" "$work/absolute.yml" >"$work/log" 2>&1 || { cat "$work/log" && exit 1; }
./render --kubernetes | diff - ../kubernetes/monitoring/rules/rules.yaml >"$work/log" ||
  { cat "$work/log" && fail "make it anew: ops/prometheus/render --kubernetes >ops/kubernetes/monitoring/rules/rules.yaml"; }
/usr/bin/python3 - "$work" <<'PYTHON'
import pathlib
import sys

import yaml


def read(path):
    return yaml.safe_load(pathlib.Path(path).read_text())


def links(groups, name):
    return {rule["annotations"][name] for group in groups for rule in group["rules"] if "alert" in rule}


def without_links(groups):
    return [
        {**rule, "annotations": rule.get("annotations", {}).get("summary"), "group": group["name"]}
        for group in groups for rule in group["rules"]
    ]


work = pathlib.Path(sys.argv[1])
shipped = read("sluice.rules.yml")["groups"] + read("sluice.slo.yml")["groups"]
plain, absolute = read(work / "plain.yml")["groups"], read(work / "absolute.yml")["groups"]
kubernetes = read(work / "kubernetes.yml")
assert plain == shipped, "without options the rules are as shipped"
for groups in absolute, kubernetes["spec"]["groups"]:
    assert without_links(groups) == without_links(shipped), "only links change"
for groups, name, old, new in [
    (absolute, "runbook_url", "ops/docs/runbook.md#", "https://wiki.example/a/runbook#"),
    (absolute, "dashboard_url", "/d/", "https://grafana.example/sub/d/"),
    (kubernetes["spec"]["groups"], "dashboard_url", "/d/", "https://grafana.example/d/"),
    (kubernetes["spec"]["groups"], "runbook_url", "ops/docs/runbook.md#", "ops/docs/runbook.md#"),
]:
    assert links(groups, name) == {new + link.removeprefix(old) for link in links(shipped, name)}, (name, new)
assert kubernetes["kind"] == "PrometheusRule" and kubernetes["metadata"]["labels"] == {"release": "prometheus"}
PYTHON

# refused ARGUMENT…
refused() {
  if ./render "$@" >"$work/out" 2>"$work/log"; then fail "takes $*"; fi
  [[ ! -s $work/out && -s $work/log ]] || fail "does not say what is wrong with $*"
}
refused --runbooks wiki.example
refused --grafana 'https://grafana.example/#a'
refused --grafana 'https://a" b'
refused --runbooks 'https://{{ printf }}'
refused --runbooks
refused --label release=prometheus
refused --kubernetes --label 'a: b'
refused --wrong
