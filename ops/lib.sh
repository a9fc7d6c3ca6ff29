# Shared by the scripts of ops/: sourced, never run.
# shellcheck shell=bash disable=SC2034
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

say() { echo "$*" >&2; }
die() {
  say "$(basename "$0"): $*"
  exit 1
}

# usage STATUS: prints the comment block at the top of the called script.
usage() {
  sed -n '/^# shellcheck/q; 2,$s/^# \{0,1\}//p' "$0" >&$(($1 == 0 ? 1 : 2))
  exit "$1"
}

is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# free_port [PORT…]: prints a free port other than these, below the range that the system assigns to
# clients and to binds of port 0. Another process may still take it.
free_port() {
  local candidate
  for _ in {1..100}; do
    candidate=$((20000 + RANDOM % 12000))
    [[ " $* " == *" $candidate "* ]] || ! is_free "$candidate" || { echo "$candidate" && return; }
  done
  die "no free port"
}

# wait_until SECONDS COMMAND…: polls until the command succeeds. Fails after that time, or up to one
# second later, because bash counts whole seconds.
wait_until() {
  local deadline=$((SECONDS + $1 + 1))
  shift
  until "$@"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.05
  done
}
