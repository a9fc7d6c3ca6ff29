# Shared by the scripts of ops/: sourced, never run.
# shellcheck shell=bash disable=SC2034
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

say() { echo "$*" >&2; }
die() {
  say "$(basename "$0"): $*"
  exit 1
}

# usage STATUS: the comment block at the top of the script that was called.
usage() {
  sed -n '/^# shellcheck/q; 2,$s/^# \{0,1\}//p' "$0" >&$(($1 == 0 ? 1 : 2))
  exit "$1"
}

# wait_until SECONDS COMMAND…: polls until the command succeeds; fails after that time (and up to
# a second more, as bash counts whole seconds).
wait_until() {
  local deadline=$((SECONDS + $1 + 1))
  shift
  until "$@"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.05
  done
}
