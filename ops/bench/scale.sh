# The section `scale` of ops/bench/run: sourced, never run.
#
# The CPU cost of a redelivery in consumer as one quantity grows and the others stay fixed: 10^5
# keys, 12 partitions, one instance, 256 B. The consumers first idle with their tables restored;
# then all callbacks arrive at once, the same number per instance. The CPU is the sum over all
# instances, from before the first callback to after the last commit. A row's ratio refers to the
# smallest value of its kind. For partitions and sizes, the row below has the additional cost of raw
# consume.
#
# The cost of a callback in ingest: as instances grow, each with 500 callbacks a second on 16
# connections, so the load grows with them; and as partitions grow, one instance with 5000 callbacks
# a second, beside librdkafka producing as many. Every acknowledged callback is looked for.
# shellcheck shell=bash disable=SC2154
# shellcheck source=ops/bench/consuming.sh
source "$project/ops/bench/consuming.sh"
# shellcheck source=ops/bench/ingest.sh
source "$project/ops/bench/ingest.sh"

bench_scale() {
  local key_counts=(1000 10000 100000 1000000 10000000) partition_counts=(12 24 48 96) instance_counts=(1 2 4 8)
  local sizes=(256 1024 4096 16384 65536) round value
  local turns=$((rounds > 2 ? 2 : rounds))
  if ((quick || smoke)); then
    key_counts=(1000 100000) partition_counts=(12 48) instance_counts=(1 4) sizes=(256 16384)
  fi
  need_broker
  start_api --latency-ms 0
  for ((round = 1; round <= turns; ++round)); do
    for value in "${key_counts[@]}"; do measure_scale keys "$value" "$value" 12 1 256; done
    for value in "${partition_counts[@]}"; do measure_scale partitions "$value" 100000 "$value" 1 256; done
    for value in "${instance_counts[@]}"; do measure_scale instances "$value" 100000 24 "$value" 256; done
    for value in "${sizes[@]}"; do measure_scale bytes "$value" 100000 12 1 "$value"; done
  done
  end "$api_pid"
  report_scale "redelivery, CPU" scale keys "<= 1.15" "${key_counts[@]}"
  report_scale "redelivery, CPU" scale partitions - "${partition_counts[@]}"
  report_raw_scale "raw consume, CPU" scale partitions "${partition_counts[@]}"
  report_scale "redelivery, CPU" scale instances "<= 1.15" "${instance_counts[@]}"
  report_scale "redelivery, CPU" scale bytes - "${sizes[@]}"
  report_raw_scale "raw consume, CPU" scale bytes "${sizes[@]}"

  for ((round = 1; round <= turns; ++round)); do
    for value in "${instance_counts[@]}"; do measure_ingest_scale instances "$value" 12 "$value" 500; done
    for value in "${partition_counts[@]}"; do measure_ingest_scale partitions "$value" "$value" 1 5000; done
  done
  report_scale "callback, CPU of ingest" ingest_scale instances "<= 1.15" "${instance_counts[@]}"
  report_scale "callback, CPU of ingest" ingest_scale partitions - "${partition_counts[@]}"
  report_raw_scale "librdkafka, CPU" ingest_scale partitions "${partition_counts[@]}"
  row "acknowledged, not on the topic" "of $all_acknowledged" "$all_missing" "$all_missing" "$all_missing" - - "<= 0"
}

# measure_scale KIND VALUE KEYS PARTITIONS INSTANCES SIZE
measure_scale() {
  local series=scale_$1_$2 keys=$3 partitions=$4 size=$6 i all=() pids=() before after
  local count=$((size > 4096 ? 20000 : $5 * (quick || smoke ? 50000 : 200000)))
  new_topics "$partitions"
  records markers "$keys" "$partitions" >/dev/null
  for ((i = 0; i < $5; ++i)); do
    start_consumer sluice
    all+=("$watched") pids+=("$consumer")
  done
  await_in_group "${all[@]}"
  before=$("$bin/bench-fetches" cpu "${pids[@]}")
  records produce "$count" "$keys" "$size" >/dev/null
  watch "$count" "${all[@]}"
  after=$("$bin/bench-fetches" cpu "${pids[@]}")
  sample "$series" "$(awk -v a="$after" -v b="$before" -v n="$count" 'BEGIN { print (a - b) / n * 1e6 }')"
  for i in "${pids[@]}"; do end "$i"; done
  records results 0
  timed records consume callbacks "$count"
  sample "raw_$series" "$(quotient "$cpu" "$count" 1e6)"
}

# report_scale FIGURE SERIES KIND GOAL VALUE…
report_scale() {
  local figure=$1 series=$2_$3 kind=$3 goal=$4 first=$5 value
  report "$figure, $first $kind" µs "${series}_$first"
  for value in "${@:6}"; do
    report "… $value $kind" µs "${series}_$value" "$first $kind" "${series}_$first" "$goal"
  done
}

# report_raw_scale FIGURE SERIES KIND VALUE…
report_raw_scale() {
  local figure=$1 series=raw_$2_$3 kind=$3 first=$4 value
  for value in "${@:5}"; do
    report "$figure, $value $kind" µs "${series}_$value" "$first $kind" "${series}_$first"
  done
}

all_acknowledged=0
all_missing=0
ingest_topics=0

# measure_ingest_scale KIND VALUE PARTITIONS INSTANCES RATE
measure_ingest_scale() {
  local series=ingest_scale_$1_$2 name=scale.$((++ingest_topics)) rate=$5 i pids=() ports=() secrets=() loading=()
  local topic=$prefix.$name.callbacks broker=$bootstrap ids=$run/ids.$name
  mkdir -p "$ids"
  make_ingest_topics "$bootstrap" "$3" "$name"
  for ((i = 0; i < $4; ++i)); do
    start_measured_ingest "$bootstrap" "$name" "$i"
    pids+=("$ingest") ports[i]=$ingest_port secrets[i]=$secret
    seconds=1 take_callbacks "$series.warm-up" --connections 16 --rate "$rate"
  done
  for ((i = 0; i < $4; ++i)); do
    ingest=${pids[i]} ingest_port=${ports[i]} secret=${secrets[i]}
    take_callbacks "$series.$i" --connections 16 --rate "$rate" &
    loading+=("$!")
    loads=$((loads + 1)) # Also counted in the subshell.
  done
  for i in "${loading[@]}"; do wait "$i" || die "a load of $series has failed"; done
  sample "$series" "$(tail -qn 1 "$run/samples/$series".[0-9]*.cpu_us | awk '{ sum += $1 } END { print sum / NR }')"
  for i in "${pids[@]}"; do end "$i"; done
  if [[ $1 == partitions ]]; then
    take_produced "$series.raw" --rate "$rate" --turn-ms 1
    sample "raw_$series" "$(tail -n 1 "$run/samples/$series.raw.cpu_us")"
  fi
  verify_ids "$broker" "$topic" "$ids"
  all_acknowledged=$((all_acknowledged + acknowledged)) all_missing=$((all_missing + missing))
}
