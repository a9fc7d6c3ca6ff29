# The section `consumer` of ops/bench/run: sourced, never run.
#
# Duplicates: every callback of a backlog has its marker; each round reads all of it in a new group.
# "Raw consume" looks at nothing in a record. "Reading alone" finds out the identity of each record,
# from headers and body, but looks nothing up.
# Fetches: every callback is new. Each round has new topics, and afterwards each callback must have
# exactly one result. libcurl alone fetches the same from the same server.
# Latency: callbacks at a fixed rate, from being produced to being readable by others
# (read_committed).
# shellcheck shell=bash disable=SC2154
# shellcheck source=ops/bench/consuming.sh
source "$project/ops/bench/consuming.sh"

bench_consumer() {
  need_broker
  start_api --latency-ms 0
  measure_duplicates $((smoke ? 200000 : 1000000)) # Fewer would be skipped within one or two commits.
  measure_fetches fetch 64 $((quick || smoke ? 4000 : 20000))
  end "$api_pid"
  start_api --latency-ms 20
  measure_fetches slow 64 $((quick || smoke ? 4000 : 10000))
  end "$api_pid"
  start_api --latency-ms 0
  measure_latency
  end "$api_pid"
}

measure_duplicates() {
  local count=$1 round lanes
  # librdkafka pauses for up to a second once its queue is full; consumer avoids that.
  local never_full=(queued.min.messages=10000000 queued.max.messages.kbytes=1000000)
  new_topics 12
  records markers "$count" 12 >/dev/null
  records produce "$count" "$count" 256 >/dev/null
  for ((round = 1; round <= rounds; ++round)); do
    timed records consume callbacks "$count"
    sample raw_read "$(quotient "$count" "$elapsed")"
    sample raw_read_cpu "$(quotient "$cpu" "$count" 1e6)"
    timed records read callbacks "$count" "${never_full[@]}"
    sample raw_facts "$(quotient "$count" "$elapsed")"
    sample raw_facts_cpu "$(quotient "$cpu" "$count" 1e6)"
    for lanes in 1 2; do
      start_consumer "round-$round-$lanes" "lanes: $lanes"
      watch "$count" "$watched"
      sample "skip_$lanes" "$(quotient "$counted" "$elapsed")"
      sample "skip_cpu_$lanes" "$(quotient "$cpu" "$counted" 1e6)"
      end "$consumer"
    done
  done
  records results 0
  report "duplicates skipped" "1/s" skip_1 "raw consume" raw_read ">= 0.7"
  report "… CPU" "µs" skip_cpu_1 "raw consume" raw_read_cpu
  report "duplicates skipped, beside a loop that reads them" "1/s" skip_1 "reading alone" raw_facts
  report "… CPU" "µs" skip_cpu_1 "reading alone" raw_facts_cpu
  report "duplicates skipped with two lanes" "1/s" skip_2 "raw consume" raw_read
  report "… CPU" "µs" skip_cpu_2 "raw consume" raw_read_cpu
}

# measure_fetches SERIES CONCURRENCY COUNT
measure_fetches() {
  local series=$1 concurrency=$2 count=$3 round before
  for ((round = 1; round <= rounds; ++round)); do
    new_topics 12
    records produce "$count" "$count" 256 >/dev/null
    before=$(cpu_of_others)
    start_consumer sluice "fetch: { max_in_flight: $concurrency }"
    watch "$count" "$watched"
    sample "$series" "$(quotient "$counted" "$elapsed" 2)"
    sample "${series}_cpu" "$(quotient "$cpu" "$counted" 1e6)"
    sample "${series}_others_cpu" "$(cpu_of_others | awk -v b="$before" -v n="$count" '{ print ($1 - b) / n * 1e6 }')"
    end "$consumer"
    records results "$count"
    timed "$bin/bench-fetches" fetch "$api" "$count" "$concurrency"
    sample "raw_$series" "$(quotient "$count" "$elapsed" 2)"
    sample "raw_${series}_cpu" "$(quotient "$cpu" "$count" 1e6)"
  done
  local api_is="at once"
  [[ $series == fetch ]] || api_is="after 20 ms"
  report "fetches, $concurrency at a time, answered $api_is" "1/s" "$series" "libcurl alone" "raw_$series" ">= 0.8"
  report "… CPU for a callback, published" "µs" "${series}_cpu" "libcurl alone" "raw_${series}_cpu"
  report "… and what broker and API need for it" "µs" "${series}_others_cpu"
}

# cpu_of_others: the CPU-seconds used so far by the API and the broker, which share the cores with
# the measured program.
cpu_of_others() {
  local pids=("$api_pid") file
  for file in "${SLUICE_TEST_KAFKA_DIR:-$run/kafka}"/node-*.pid; do pids+=("$(<"$file")"); done
  "$bin/bench-fetches" cpu "${pids[@]}"
}

measure_latency() {
  local interval round figures
  local intervals=(20 50 100 200 500)
  new_topics 12
  for ((round = 1; round <= rounds; ++round)); do
    for interval in "${intervals[@]}"; do
      start_consumer sluice "commit_interval: ${interval}ms"
      await_in_group "$watched"
      figures=$(records latency 100 3)
      end "$consumer"
      sample "latency_$interval" "${figures% *}"
      sample "latency_99_$interval" "${figures#* }"
    done
  done
  for interval in "${intervals[@]}"; do
    report "callback to result, committed every $interval ms, median" ms "latency_$interval"
    report "… 99 % within" ms "latency_99_$interval"
  done
}
