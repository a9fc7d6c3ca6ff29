#!/usr/bin/env bash
# usage: configurations.sh PROJECT BIN
#
# The programs must accept every configuration that we ship. Its secret files and the spool's folder
# are made up.
set -euo pipefail
project=$1
bin=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/secrets"
for name in onfido eid readid paper connect callback_authorization client-secret; do
  echo "Bearer made-up" >"$work/secrets/$name"
done
export HOSTNAME=consumer-0 POD_NAME=consumer-0 ASSURE_SECRET=made-up

# takes PROGRAM FILE
takes() {
  sed -E "s#/run/secrets(/sluice)?/#$work/secrets/#; s#/var/lib/sluice/#$work/#; s#/etc/sluice/[a-z]+\.(authorization|secret)#$work/secrets/onfido#" "$project/$2" >"$work/config.yaml"
  "$bin/$1" --check --config "$work/config.yaml" >"$work/log" 2>&1 || { cat "$work/log" && echo "$1 refuses $2" && exit 1; }
}
for where in ops/deb/ ops/container/ ops/kubernetes/; do
  for program in ingest consumer; do
    for file in "$where$program.yaml" "$where$program.config.yaml"; do
      [[ ! -e $project/$file ]] || grep -q '^kind:' "$project/$file" || takes "$program" "$file"
    done
  done
done
# Like an operator's uncommented copy.
sed 's/^providers: {}/providers:/; s/^#  onfido/  onfido/' "$project/ops/deb/ingest.yaml" >"$work/uncommented.yaml"
project=$work takes ingest uncommented.yaml

# takes() must be able to refuse.
echo 'unknown: 1' >"$work/wrong.yaml"
! (project=$work takes ingest wrong.yaml) >"$work/found" || { echo "a wrong configuration is accepted" && exit 1; }
