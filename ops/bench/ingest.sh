# Callbacks made durable by ingest, beside its two parts: librdkafka producing the same records with
# the same settings, and common/http answering the same requests immediately. Sourced by
# ops/bench/run.
# shellcheck shell=bash disable=SC2034,SC2154
programs+=(bench-http bench-load bench-produce bench-relay ingest sluicectl)

loads=0
prefix=bench-$(date +%s)-$$

bench_ingest() {
  need_broker
  background http "$bin/bench-http" 2
  http=$pid
  await_logged http port
  http_port=$value

  measure_ingest "$bootstrap" 12 near.12 "12 partitions"
  if [[ ! $smoke ]]; then
    measure_ingest "$bootstrap" 24 near.24 "24 partitions"
    measure_ingest "$bootstrap" 48 near.48 "48 partitions"
    measure_ingest_far
  fi
  end "$http"
}

# The same with a broker at a round-trip time of 2 ms.
measure_ingest_far() {
  local port relay
  port=$(free_port)
  background relay "$bin/bench-relay" "$port" 1
  relay=$pid
  await_logged relay port
  "$project/ops/kafka/start" --fresh --dir "$run/kafka-far" --port "$port" --owner $$ \
    --property "advertised.listeners=PLAINTEXT://127.0.0.1:$value" >"$run/kafka-far.log"
  measure_ingest "127.0.0.1:$value" 12 far.12 "12 partitions, broker 2 ms away"
  "$project/ops/kafka/stop" --now --dir "$run/kafka-far"
  end "$relay"
}

# measure_ingest BOOTSTRAP PARTITIONS SERIES TEXT: all figures, with topics of PARTITIONS
# partitions.
measure_ingest() {
  local broker=$1 series=$3 text=$4 ids=$run/ids.$3 topic=$prefix.$3.callbacks connections rate
  mkdir -p "$ids"
  make_ingest_topics "$broker" "$2" "$series"
  start_measured_ingest "$broker" "$series"
  [[ $smoke ]] || warm_up

  for connections in 64 512; do
    closed_loop "$connections"
    report_closed_loop "$connections"
  done
  read -r rate _ < <(spread <"$run/samples/$series.ingest.512.per_s")
  open_loop $((${rate%.*} / 2)) "half of its maximum"
  if [[ $series == near.12 && ! $smoke ]]; then
    open_loop $((${rate%.*} / 4)) "a quarter of it"
    open_loop 1000 "1000/s"
  fi

  end "$ingest"
  verify_ids "$broker" "$topic" "$ids"
  row "acknowledged, not on the topic, $text" "of $acknowledged" "$missing" "$missing" "$missing" - - "<= 0"
}

# make_ingest_topics BOOTSTRAP PARTITIONS SERIES
make_ingest_topics() {
  cat >"$run/topics.yaml" <<END
instance: bench
kafka: { bootstrap.servers: "$1" }
$(topics_of "$prefix.$3.")
assure: { base_url: "http://127.0.0.1:1", token_url: "http://127.0.0.1:1", client_id: none, client_secret: none, scope: none }
END
  "$bin/sluicectl" topics create --config "$run/topics.yaml" --partitions "$2" --replication 1 \
    >"$run/topics.log" 2>&1 || die "the topics cannot be created; see $run/topics.log"
}

# start_measured_ingest BOOTSTRAP SERIES [INSTANCE]: sets `ingest`, its pid, `ingest_port` and
# `secret`.
start_measured_ingest() {
  local name=ingest.$2${3:+.$3}
  secret=$(head -c 24 /dev/urandom | base64)
  echo "$secret" >"$run/$name.secret"
  cat >"$run/$name.yaml" <<END
listen: 127.0.0.1:0
admin: 127.0.0.1:0
drain_delay: 0ms
kafka: { bootstrap.servers: "$1" }
topics: { callbacks: $prefix.$2.callbacks }
spool: { path: $run/$name.db, min_free_disk: 64MiB }
providers: { eid: { authorization_file: $run/$name.secret } }
END
  background "$name" "$bin/ingest" --config "$run/$name.yaml"
  ingest=$pid
  await_logged "$name" port
  ingest_port=$value
  await_logged "$name" admin_port
  wait_until 20 curl -sf -m 1 -o "$run/ready" "http://127.0.0.1:$value/readyz" ||
    die "ingest is not ready; see $run/$name.log"
}

# A broker is slow for seconds after its start, and so are new topics.
warm_up() {
  local round
  for ((round = 0; round < 3; ++round)); do
    seconds=1.5 take_produced "$series.warm-up.raw" --outstanding 512
    seconds=1.5 take_callbacks "$series.warm-up.ingest" --connections 64
  done
}

# Measures the three in turns, closed loop.
closed_loop() {
  local round n=$1
  for ((round = 0; round < rounds; ++round)); do
    take_callbacks "$series.ingest.$n" --connections "$n"
    take_produced "$series.raw.$n" --outstanding "$n"
    take_answers "$series.http.$n" --connections "$n"
    sample "$series.parts.$n" "$(last_sum "$run/samples/$series".{raw,http}."$n.cpu_us")"
    if [[ $series == near.12 ]]; then take_parts_at_rate_of_ingest; fi
  done
}

# In a closed loop librdkafka alone sends several times as many records, in larger batches. So its
# cost is also measured at ingest's rate.
take_parts_at_rate_of_ingest() {
  local rate
  rate=$(tail -n 1 "$run/samples/$series.ingest.$n.per_s")
  take_produced "$series.raw-paced.$n" --rate "${rate%.*}" --turn-ms 1
  take_answers "$series.http-paced.$n" --connections "$n" --rate "${rate%.*}"
  sample "$series.paced.$n" "$(last_sum "$run/samples/$series".{raw,http}-paced."$n.cpu_us")"
}

report_closed_loop() {
  local n=$1 goal=-
  [[ $series == near.12 ]] && goal="<= 1.2"
  report "callback, CPU, $n connections, $text" µs "$series.ingest.$n.cpu_us" \
    "http + librdkafka" "$series.parts.$n" "$goal"
  report "  of it common/http at once" µs "$series.http.$n.cpu_us"
  report "  of it librdkafka, $n outstanding" µs "$series.raw.$n.cpu_us"
  if [[ $series == near.12 ]]; then
    report "  beside the two at the rate of ingest" µs "$series.ingest.$n.cpu_us" "http + librdkafka" "$series.paced.$n"
    report "  of it common/http at once" µs "$series.http-paced.$n.cpu_us"
    report "  of it librdkafka" µs "$series.raw-paced.$n.cpu_us"
  fi
  report "callback, context switches, $n connections, $text" - "$series.ingest.$n.switches" \
    "librdkafka" "$series.raw.$n.switches"
  report "callbacks, $n connections, $text" /s "$series.ingest.$n.per_s" \
    "librdkafka" "$series.raw.$n.per_s"
}

# open_loop RATE TEXT: measures the three in turns, at this rate. All of them then have the same
# load, whereas a closed loop makes larger batches for faster programs.
open_loop() {
  local round name=$series.open.$1 goal=- share
  for ((round = 0; round < rounds; ++round)); do
    take_callbacks "$name.ingest" --connections 512 --rate "$1"
    take_produced "$name.raw" --rate "$1"
    take_answers "$name.http" --connections 512 --rate "$1"
    sample "$name.parts" "$(last_sum "$run/samples/$name".{raw,http}.cpu_us)"
  done
  report "callback, CPU at $2, $text" µs "$name.ingest.cpu_us" "http + librdkafka" "$name.parts"
  [[ $series == near.12 && $2 == half* ]] && goal="<= 1.3"
  for share in p50 p99 p999; do
    report "callback, ack $share at $2, $text" ms "$name.ingest.${share}_ms" \
      "librdkafka" "$name.raw.${share}_ms" "$([[ $share == p99 ]] && echo "$goal" || echo -)"
  done
}

take_callbacks() {
  loads=$((loads + 1))
  take "$1" "$bin/bench-load" --port "$ingest_port" --pid "$ingest" --authorization "$secret" \
    --seconds "$seconds" --run "$loads" --ids "$ids/$loads" "${@:2}"
}
take_produced() {
  loads=$((loads + 1))
  take "$1" "$bin/bench-produce" --bootstrap "$broker" --topic "$topic" \
    --seconds "$seconds" --run "$loads" --ids "$ids/$loads" "${@:2}"
}

take_answers() {
  take "$1" "$bin/bench-load" --port "$http_port" --pid "$http" --authorization "$secret" \
    --seconds "$seconds" "${@:2}"
}
last_sum() { tail -qn 1 "$@" | awk '{ sum += $1 } END { print sum }'; }

# verify_ids BOOTSTRAP TOPIC DIRECTORY: looks for the acknowledged callbacks on the topic; sets
# `acknowledged` and `missing`, the numbers of callbacks.
verify_ids() {
  timeout 300 kcat -b "$1" -C -q -e -o beginning -t "$2" -f '%k\n' | LC_ALL=C sort -u >"$3/stored" ||
    die "the topic $2 cannot be read"
  LC_ALL=C sort "$3"/[0-9]* >"$3/acknowledged"
  acknowledged=$(wc -l <"$3/acknowledged")
  missing=$(LC_ALL=C comm -13 "$3/stored" "$3/acknowledged" | wc -l)
  rm -r "$3"
}
