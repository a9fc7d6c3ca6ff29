#!/usr/bin/env bash
# usage: docs_hold.sh PROJECT
#
# Every relative link in a document must resolve, including its heading. The tables of log events
# must match the events in the code, with their levels. Names, paths, scripts and options in
# documents must exist.
# shellcheck disable=SC2016
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$1"
status=0
wrong() {
  echo "$*"
  status=1
}

mapfile -t documents < <(git ls-files '*.md' 2>/dev/null || find . -name '*.md' -not -path './build/*')
"$here/links_hold.sh" "${documents[@]}" || status=1

# "error kafka.unavailable" for each literal; "error ingest.bad_arguments" if the program's name is
# a prefix.
logged=$({
  find ingest consumer common \( -name '*.cc' -o -name '*.h' \) -exec cat {} + | tr '\n' ' ' |
    grep -oE '(Debug|Info|Warn|Error)\( *"[a-z_]+\.[a-z_]+"' | tr '[:upper:]' '[:lower:]' | sed -E 's/\( *"/ /; s/"//'
  cat common/telemetry/*.cc | grep -oE '"event":"[a-z_.]+","level":"[a-z]+"' | sed -E 's/"event":"(.*)","level":"(.*)"/\2 \1/'
  cat common/runtime/*.cc | sed -nE 's/.*Error\(.*\+ "(\.[a-z_]+)".*/error ingest\1\nerror consumer\1/p'
} | sort -u)
documented=$(awk -F'|' '$2 ~ /`[a-z_]+(\.[a-z_]+)+`/ && $3 ~ /^ (debug|info|warn|error)/ {
    gsub(/[` ]/, "", $2); gsub(/ /, "", $3)
    for (i = split($2, event, ","); i; --i) for (j = split($3, level, ","); j; --j) print level[j], event[i]
  }' ops/docs/metrics.md | sort -u)
difference=$(diff <(echo "$logged") <(echo "$documented") | grep '^[<>]' || true)
[[ ! $difference ]] || wrong "log events of the code (<) and of ops/docs/metrics.md (>) differ:"$'\n'"$difference"

# "consumer linger.ms 0": settings without configuration, from literals in a function of defaults.
defaults_of() {
  local program=$1 sources=("${@:2}")
  awk '/Defaults\(.*\{$/ { on = 1 } on { print } /^}/ { on = 0 }' "${sources[@]}" | tr '\n' ' ' |
    grep -oE '\{"[a-z._]+", *"[^"]*"\}|\["[a-z._]+"\] = "[^"]*"' |
    sed -E "s/[[{]\"([a-z._]+)\"[],=]* *(= )?\"([^\"]*)\"}?/$program \1 \3/"
}
# common/kafka has the defaults of the reader that restores.
set_by_code=$({ defaults_of ingest ingest/kafka/*.{cc,h} && defaults_of consumer {consumer,common}/kafka/*.{cc,h}; } | sort -u)
documented=$(awk -F'|' '/^#/ { here = /^### Defaults of ours/ } here && $2 ~ /`/ {
    gsub(/[` ]/, "")
    if ($3 != "") print "ingest", $2, $3
    if ($4 != "") print "consumer", $2, $4
  }' ops/docs/configuration.md | sort -u)
difference=$(diff <(echo "$set_by_code") <(echo "$documented") | grep '^[<>]' || true)
[[ ! $difference ]] || wrong "Kafka defaults of the code (<) and of ops/docs/configuration.md (>) differ:"$'\n'"$difference"

# Alerts and the page of sluicectl must name existing dashboards.
while read -r uid; do
  grep -qE "^ \"uid\": \"$uid\"" ops/grafana/dashboards/*.json || wrong "there is no dashboard $uid"
done < <({
  sed -nE 's|.*dashboard_url: "?/d/([a-z-]+).*|\1|p' ops/prometheus/sluice.{rules,slo}.yml
  sed -nE 's|^const dashboards = \{(.*)\};|\1|p' ops/ctl/serve/page/app.js | grep -oE '[a-z]+:' | sed -E 's|(.*):|sluice-\1|'
  grep -ohE '/d/sluice-[a-z]+' ops/ctl/serve/page/*.js | sed 's|/d/||'
} | sort -u)

# `subject.verb` in a document is a log event, a key, a topic, a property or a header. It must occur
# in the code or in the configuration reference, which has its own test.
known=$({
  find ingest consumer common ops \( -name '*.cc' -o -name '*.h' \) -exec grep -ohE '"[a-z_]+(\.[a-z_]+)+"' {} + | tr -d '"'
  awk -F'|' '/^\|/ { gsub(/[` ]/, "", $2); print $2 }' ops/docs/configuration.md
  cut -d' ' -f2 <<<"$logged"
} | sort -u)
for document in README.md ops/docs/*.md; do
  unknown=$(comm -23 <(grep -oE '`[a-z_]+(\.[a-z_]+)+`' "$document" | tr -d '`' |
    grep -vE '\.(md|sh|yml|yaml|conf|cfg|json|db)$' | sort -u) <(echo "$known"))
  [[ ! $unknown ]] || wrong "$document: nothing is called ${unknown//$'\n'/, }"
done

for document in README.md ops/docs/*.md ops/docs/adr/*.md; do
  while read -r path; do
    [[ -e $path ]] || wrong "$document: there is no $path"
  done < <(grep -oE '(^|[ `(])(ops|tests|common|ingest|consumer)/[A-Za-z0-9_./-]+' "$document" | sed -E 's/^[ `(]//; s/[.]$//' | sort -u)
  # Scripts with their options, and the scenarios of ops/soak.
  while read -r script words; do
    [[ -f $script ]] || continue
    for word in $words; do
      [[ $word == --* || $script == ops/soak ]] || continue
      grep -qE -- "(^|[^a-z-])$word([^a-z-]|$)" "$script" || wrong "$document: $script knows no $word"
    done
  done < <(grep -oE '(^ +|`)ops/[a-z/]+( +-?-?[a-z]+(-[a-z]+)*)+' "$document" | tr -d '`')
done

# The tables of ops/docs/scale.md are what ops/bench/scale prints.
while read -r row; do
  grep -qxF -- "$row" ops/docs/scale.md || wrong "ops/docs/scale.md does not have this row of ops/bench/scale: $row"
done < <(ops/bench/scale && ops/bench/scale --fit)
exit "$status"
