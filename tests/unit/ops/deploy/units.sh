#!/usr/bin/env bash
# usage: units.sh PROJECT
#
# systemd must know every setting of the units and rate their exposure as intended, and no crash may leave
# a core. The checks must find an unknown and a missing setting.
set -euo pipefail
units=$1/ops/systemd
exposure=15 # of 100, as rated by `systemd-analyze security`
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# copied EDIT: copies the units as systemd sees them once their programs are installed, changed by
# EDIT.
copied() {
  for unit in "$units"/*.service; do
    sed -E -e 's#/usr/lib/sluice/(ingest|consumer)#/bin/true#' -e "$1" "$unit" >"$work/$(basename "$unit")"
  done
}
# systemd must not complain about the units, whatever else this machine has.
known() {
  local found
  found=$(systemd-analyze verify --man=no --recursive-errors=no "$1" 2>&1 | grep sluice || true)
  [[ ! $found ]] || { echo "$found" && return 1; }
}
closed() { systemd-analyze security --offline=true --threshold="$exposure" --no-pager "$1" >"$work/log" || { tail -1 "$work/log" && return 1; }; }
is_watched() { grep -qxE 'WatchdogSec=[0-9]+' "$1"; }
leaves_no_core() { grep -qx LimitCORE=0 "$1"; }
all() { for unit in "$work"/*.service; do "$1" "$unit" || return 1; done; }

fail() { echo "units: $*" && exit 1; }
copied ''
all known || fail "systemd does not know a setting"
all closed || fail "exposed more than $exposure"
all is_watched || fail "nobody notices that a program stands still"
all leaves_no_core || fail "a crash writes memory to disk"
copied 's/^Restart=/Restrat=/'
! all known >"$work/found" || fail "an unknown setting is not found"
copied '/^SystemCallFilter=/d'
! all closed >"$work/found" || fail "a missing system call filter is not found"
