#!/usr/bin/env bash
# usage: links_hold.sh DOCUMENT…
#
# Every relative link in the documents must resolve, including its heading.
set -euo pipefail
status=0
wrong() {
  echo "$*"
  status=1
}

# The anchors that GitHub gives to headings.
anchors() { sed -n 's/^#\{1,6\} //p' "$1" | tr '[:upper:]' '[:lower:]' | sed 's/[^a-z0-9 _-]//g; s/ /-/g'; }

for document in "$@"; do
  while read -r link; do
    file=${link%%#*}
    if [[ $file ]]; then file=$(dirname "$document")/$file; else file=$document; fi
    if [[ ! -e $file ]]; then
      wrong "$document: nothing is at $link"
    elif [[ $link == *#* ]] && ! anchors "$file" | grep -qxF "${link#*#}"; then
      wrong "$document: no heading is at $link"
    fi
  done < <(grep -oE '\]\([^)]+\)' "$document" | sed 's/^](//; s/)$//' | grep -v '^https\?:' || true)
done
exit "$status"
