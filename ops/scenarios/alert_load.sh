# What ops/scenarios/alerts.sh uses to cause its faults: configurations, providers, single
# callbacks, hanging transactions. Sourced by ops/scenarios/run_alerts, never run.
# shellcheck shell=bash disable=SC2034,SC2154

silent_sender=
hanging=()

write_alerts_configurations() {
  local provider
  for provider in "${providers[@]}"; do cp "$run/secret" "$run/secret.${provider%:*}"; done
  # Only an idempotent producer can fail fatally, and only because of records that it still has.
  cat >"$run/ingest.yaml" <<END
listen: 127.0.0.1:0
admin: 127.0.0.1:0
drain_delay: 100ms
kafka: { bootstrap.servers: "$bootstrap", enable.idempotence: "true", message.max.bytes: "200000", message.timeout.ms: "60000" }
topics: { callbacks: ${prefix}callbacks }
spool: { path: $run/spool.db, max_bytes: 2560KiB, min_free_disk: 64MiB }
providers:
  onfido: { authorization_file: $run/secret.onfido }
  eid: { authorization_file: $run/secret.eid, retry_schedule: [10s, 50s, 80s, 110s] }
  readid: { authorization_file: $run/secret.readid }
  paper: { authorization_file: $run/secret.paper }
  connect: { authorization_file: $run/secret.connect }
END
  sed -i '2i lanes: 8' "$run/consumer.yaml"
  echo 'fetch: { not_found_for: 5h, backoff: { cap: 5s } }' >>"$run/consumer.yaml"
}
# Prometheus must find the programs at the same address after a restart.
keep_admin_ports() {
  sed -i "s/^admin: .*/admin: $ingest_admin/" "$run/ingest.yaml"
  sed -i "s/^admin: .*/admin: $consumer_admin/" "$run/consumer.yaml"
}
# A separate process sends Connect's callbacks, so that they can stop.
send_connect() {
  "$bin/assure-sim" deliver --target "http://$ingest/callbacks" --providers connect --count 1000000 \
    --open-loop $((rate / 20 + 1)) --concurrency 200 --authorization-file "$run/secret" --quiet \
    >"$run/connect.json" 2>"$run/connect.log" &
  silent_sender=$!
}
# post PROVIDER BYTES [BODY]: sends one callback with BYTES of padding; prints the status.
post() {
  printf '{"dossierId":"d-%s","processId":"p-%s","status":"accepted","padding":"%*s"}' \
    "$EPOCHREALTIME" "$EPOCHREALTIME" "$2" '' |
    curl -s -m 10 -o /dev/null -w '%{http_code}' -H "Authorization: $(<"$run/secret")" \
      --data-binary "${3-@-}" "http://$ingest/callbacks/$1" || true
}
# put_callback [KCAT'S OPTION…]: writes a callback that ingest has not received straight to its
# topic.
put_callback() {
  printf 'p-%s|{"dossierId":"d","processId":"p-%s","status":"accepted"}\n' "$EPOCHREALTIME" "$EPOCHREALTIME" |
    kcat -b "$bootstrap" -P -t "${prefix}callbacks" -K '|' "$@" >>"$run/kcat.log" 2>&1 || give_up "kcat cannot write" kcat
}

# sum_by_ingest METRIC [LABEL]: prints the sum of all its series.
sum_by_ingest() {
  curl -sf -m 2 "http://$ingest_admin/metrics" |
    awk -v name="sluice_ingest_$1" -v label="${2-}" 'index($1, name) == 1 && index($1, label) { n += $2 } END { print n + 0 }'
}
has_rebuilt() { (($(sum_by_ingest producer_restarts_total) >= $1)); }
stored_by_ingest() { sum_by_ingest callbacks_total 'outcome="stored"'; }
has_stored() { (($(stored_by_ingest) >= $1)); }

# lose_logs: kills the broker. Afterwards the first half of callbacks' partitions is empty, and the
# logs of the other half begin where they end.
lose_logs() {
  local topic=${prefix}callbacks data=$run/kafka/node-1 partition ends=
  for partition in 6 7 8 9 10 11; do
    ends+="$topic $partition $(kcat -b "$bootstrap" -Q -t "$topic:$partition:-1" | grep -o '[0-9]*$')"$'\n'
  done
  signal_node KILL 1
  for partition in 0 1 2 3 4 5; do rm -f "$data/$topic-$partition"/*.{log,index,timeindex,snapshot,txnindex}; done
  { sed -n "3,\$ { /^$topic /! p }" "$data/log-start-offset-checkpoint" && printf %s "$ends"; } >"$run/starts" ||
    give_up "there is no checkpoint of the logs' beginnings"
  printf '0\n%s\n' "$(wc -l <"$run/starts")" | cat - "$run/starts" >"$data/log-start-offset-checkpoint"
}

# number BYTES VALUE: prints VALUE big-endian, for printf.
number() { printf '%0*x' $((2 * $1)) "$2" | sed 's/../\\x&/g'; }
# delete_topic TOPIC: sends DeleteTopics, version 1, in its wire format, because kcat has no such
# command.
delete_topic() {
  local name=${prefix}$1 request
  request="$(number 2 20)$(number 2 1)$(number 4 1)$(number 2 0)$(number 4 1)$(number 2 ${#name})$name$(number 4 30000)"
  exec 9<>"/dev/tcp/${bootstrap/://}"
  # shellcheck disable=SC2059
  printf "$(number 4 $((20 + ${#name})))$request" >&9
  timeout 30 head -c 4 <&9 >/dev/null || give_up "$name cannot be deleted"
  exec 9>&-
}

# hang TOPIC PARTITION: opens a foreign transaction that does not end. kcat reads its input in
# blocks and holds the pipe's other end itself, so it waits for more.
hang() {
  local pipe=$run/hanging-$1-$2
  mkfifo "$pipe"
  kcat -b "$bootstrap" -P -t "${prefix}$1" -p "$2" -X "transactional.id=hanging-$1-$2" \
    -X transaction.timeout.ms=900000 0<>"$pipe" >>"$run/hang.log" 2>&1 &
  hanging+=($!)
  disown $! # otherwise bash would report its end
  printf 'hanging\n%.0s' {1..1000} >"$pipe"
  wait_until 30 hangs "$@" || give_up "no transaction hangs on $1" hang
}
hangs() {
  timeout 10 kcat -b "$bootstrap" -C -e -q -t "${prefix}$1" -p "$2" -o -3000 -X isolation.level=read_uncommitted |
    grep -c '^hanging$' >/dev/null
}
# A successor of the same name aborts the open transaction of its predecessor.
let_go() {
  local pipe name
  kill -KILL "${hanging[@]}"
  hanging=()
  for pipe in "$run"/hanging-*; do
    name=${pipe##*/}
    timeout 30 kcat -b "$bootstrap" -P -t "${prefix}callbacks" -X "transactional.id=$name" </dev/null \
      >>"$run/hang.log" 2>&1 || give_up "$name is not ended" hang
  done
}
