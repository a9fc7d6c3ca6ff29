# The section `restore` of ops/bench/run: sourced, never run. Method: ops/bench/restore.cc.
# shellcheck shell=bash disable=SC2154
programs+=(bench-restore)

bench_restore() {
  local millions=(1 10) million lines
  ((!quick && !smoke)) || millions=(1)
  need_broker
  for million in "${millions[@]}"; do
    lines=$run/restore-$million.json
    "$bin/bench-restore" "$bootstrap" "${million}000000" "$((million > 1 && rounds > 3 ? 3 : rounds))" \
      >"$lines" || die "bench-restore has failed"
    sample_restore restore_per_s "restore_$million" "$lines"
    sample_restore raw_read_per_s "restore_raw_$million" "$lines"
    sample_restore restore_cpu_us "restore_cpu_$million" "$lines"
    sample_restore raw_read_cpu_us "restore_raw_cpu_$million" "$lines"
    sample_restore bytes_per_key "restore_bytes_$million" "$lines"
    report "markers restored, $million M" "1/s" "restore_$million" "raw consume" "restore_raw_$million" ">= 0.7"
    report "… CPU each" "µs" "restore_cpu_$million" "raw consume" "restore_raw_cpu_$million"
    report "… tables, a key" B "restore_bytes_$million"
  done
}

# sample_restore FIELD SERIES FILE: takes this field of each line.
sample_restore() { grep -o "\"$1\":[0-9.]*" "$3" | cut -d: -f2 >"$run/samples/$2"; }
