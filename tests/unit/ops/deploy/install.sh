#!/usr/bin/env bash
# usage: install.sh PROJECT BUILD
#
# `cmake --install` must put everything where the units, the samples and the package expect it.
set -euo pipefail
conffiles=$1/ops/deb/conffiles
build=$2
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
DESTDIR=$root cmake --install "$build" --prefix /usr >"$root.log" 2>&1 || { cat "$root.log" && exit 1; }
rm -f "$root.log"
status=0
named=$(grep -rhoE '/(usr/lib|usr/share/doc|etc)/sluice/[A-Za-z./-]*[A-Za-z]' "$root/usr/lib/systemd" "$root/etc" "$root/usr/lib/sysusers.d" | sort -u)
[[ $named ]] || { echo "the units name no file" && exit 1; }
# Created by the operator.
while read -r file; do
  [[ -e $root$file ]] || { echo "$file is named but not installed" && status=1; }
done < <(grep -vE '\.(authorization|secret)$|/ingest\.env$' <<<"$named")
# The documents' links work where they are installed, and pages of the manual name every option.
mapfile -t documents < <(find "$root/usr/share/doc/sluice" -name '*.md')
((${#documents[@]} > 20)) || { echo "few documents are installed: ${#documents[@]}" && status=1; }
"$1/tests/unit/ops/docs/links_hold.sh" "${documents[@]}" || status=1
for program in ingest consumer; do
  [[ $(realpath "$root/usr/sbin/sluice-$program") == "$root/usr/lib/sluice/$program" ]] || { echo "sluice-$program leads nowhere" && status=1; }
  page=$root/usr/share/man/man8/sluice-$program.8
  warnings=$(groff -man -Tutf8 -ww -z "$page" 2>&1) || true
  [[ ! $warnings ]] || { echo "$warnings" && status=1; }
  named=$(sed 's/\\//g' "$page")
  while read -r option; do
    grep -qF -- "$option" <<<"$named" || { echo "$page does not name $option" && status=1; }
  done < <("$root/usr/lib/sluice/$program" --help | grep -oE -- '--[a-z]+')
done
# The files that an operator edits, and no others, must be conffiles of the package.
diff <(find "$root/etc" -type f -printf '/etc/%P\n' | sort) <(sort "$conffiles") || { echo "installed in /etc (<), conffiles (>)" && status=1; }
exit "$status"
