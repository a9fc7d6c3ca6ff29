#!/usr/bin/env bash
# usage: reproducible.sh PROJECT BUILD
#
# What ops/package ships must have the same bytes wherever and whenever it is built: objects of the
# preset `shipped` in two folders, and the package of one build made twice, with other times and
# another umask.
set -euo pipefail
project=$1
build=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0

compile() {
  mkdir -p "$1"
  (cd "$project" && { git ls-files -z 2>/dev/null || find . -type f -not -path './build/*' -print0; } | tar -c --null -T -) | tar -x -C "$1"
  (cd "$1" && cmake --preset shipped && cmake --build --preset shipped --target common_base) >"$1.log" 2>&1 || { cat "$1.log" && exit 1; }
  (cd "$1/build/shipped" && find . -name '*.o' -exec sha256sum {} + | sort -k2) >"$1.sums"
}
compile "$work/one"
compile "$work/quite/another"
[[ -s $work/one.sums ]] || { echo "nothing was compiled" && exit 1; }
diff "$work/one.sums" "$work/quite/another.sums" || { echo "objects differ by the folder (<, >)" && status=1; }

package() {
  (umask "$1" && cpack --config "$build/CPackConfig.cmake" -B "$2") >"$2.log" 2>&1 || { cat "$2.log" && exit 1; }
}
package 022 "$work/first"
package 002 "$work/second"
if cmp -s "$work"/first/*.deb "$work"/second/*.deb; then echo "they do not differ before, so this shows nothing" && status=1; fi
for made in first second; do SOURCE_DATE_EPOCH=1700000000 "$project/ops/deb/settle" "$work/$made"/*.deb; done
cmp "$work"/first/*.deb "$work"/second/*.deb || status=1
exit "$status"
