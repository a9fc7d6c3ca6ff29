# Callbacks synced to disk: ingest's spool beside a bare log on the same file system, and SQLite
# alone between both, with waiting threads and no other cost. Sourced by ops/bench/run.
# shellcheck shell=bash disable=SC2034,SC2154
programs+=(bench-spool)

bench_spool() {
  local waiters
  for waiters in 1 64 256; do
    measure_spool threads "$waiters" "$waiters threads waiting"
  done
  measure_spool none 64 "64 at a time"
}

# measure_spool KIND WAITERS TEXT
measure_spool() {
  local series=$1.$2 round goal=-
  for ((round = 0; round < rounds; ++round)); do
    take "spool.$series" "$bin/bench-spool" spool "$run" "$1" "$2" "$seconds"
    take "sqlite.$series" "$bin/bench-spool" sqlite "$run" "$1" "$2" "$seconds"
    take "log.$series" "$bin/bench-spool" log "$run" "$1" "$2" "$seconds"
  done
  [[ $series != threads.64 ]] || goal=">= 0.8"
  report "callbacks synced to disk, $3" /s "spool.$series.per_s" "bare log" "log.$series.per_s" "$goal"
  report "  the same" /s "spool.$series.per_s" "bare SQLite" "sqlite.$series.per_s"
  report "  bare SQLite" /s "sqlite.$series.per_s" "bare log" "log.$series.per_s"
  report "  the wait of each, p50" ms "spool.$series.p50_ms" "bare log" "log.$series.p50_ms"
  report "  the wait of each, p99" ms "spool.$series.p99_ms" "bare log" "log.$series.p99_ms"
  report "  CPU for each" µs "spool.$series.cpu_us" "bare log" "log.$series.cpu_us"
  report "  stored at once" callbacks "spool.$series.batch" "bare log" "log.$series.batch"
}
