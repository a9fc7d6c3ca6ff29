# ops/soak consumers: three instances of consumer under everything that can happen to them. Sourced
# by ops/soak, never run.
# shellcheck shell=bash disable=SC2034,SC2154

redeliveries=3
session=6 # Seconds; the least that a broker takes.
instances=(consumer.1 consumer.2 consumer.3)
declare -A busy=() tally=()
writer=
drawn=0

# draw LEAST MOST: a number into $drawn. Not in a subshell, which would draw from a seed of its own.
draw() { drawn=$(($1 + RANDOM % ($2 - $1 + 1))); }
tenths() { echo "$(($1 / 10)).$(($1 % 10))"; }

write_instances() {
  local name lanes
  for name in "${instances[@]}"; do
    lanes=1
    [[ $name != consumer.1 ]] || lanes=2
    sed -e "s/^instance: .*/instance: $name/" -e "2i lanes: $lanes" \
      -e "s/^kafka: .*/kafka: { bootstrap.servers: \"$bootstrap\", session.timeout.ms: ${session}000, heartbeat.interval.ms: 500 }/" \
      "$run/consumer.yaml" >"$run/$name.yaml"
  done
}
start_instance() { launch "$1" consumer.started --config "$run/$1.yaml"; }
admin_of() { echo "127.0.0.1:$(logged "$1" consumer.started admin_port)"; }

# ---- Load: each callback once, and up to three redeliveries: soon, later, and any time later.

list_deliveries() {
  awk -v n="$callbacks" -v redeliveries="$redeliveries" -v seed="$seed" 'BEGIN {
      srand(seed)
      for (i = 0; i < n; ++i) {
        print i, i
        if (redeliveries > 0) print int(i + rand() * 50), i
        if (redeliveries > 1) print int(i + rand() * 3000), i
        if (redeliveries > 2) print int(i + rand() * (n - i)), i
      }
    }' | sort -s -n -k1,1 | awk '{
      printf "process-%07d\t{\"dossierId\":\"dossier-%07d\",\"processId\":\"process-%07d\",\"status\":\"accepted\"}\n", $2, $2, $2
    }' >"$run/deliveries.txt"
}
# Until $run/hurry exists, as many in a second as the rate says.
paced() {
  local lines
  while mapfile -t -n "$rate" lines && ((${#lines[@]})); do
    printf '%s\n' "${lines[@]}"
    [[ -e $run/hurry ]] || sleep 1
  done
}
# With -E it outlasts the only broker.
write_callbacks() {
  paced <"$run/deliveries.txt" | kcat -E -b "$bootstrap" -P -t "${prefix}callbacks" -K $'\t' \
    -H provider=onfido -H schema=1 -X partitioner=murmur2_random -X acks=all -X linger.ms=20 \
    -X message.timeout.ms=600000
}

# ---- Faults. Each runs beside the others and returns when its victim works again.

fault_kill() { # INSTANCE TENTHS
  kill_now "$1"
  sleep "$(tenths "$2")"
  start_instance "$1"
}
fault_stop() { # INSTANCE TENTHS
  kill "$(<"$run/$1.pid")"
  wait_until 15 has_stopped "$1" || give_up "$1 does not stop" "$1"
  grep -q '"consumer.stopped"\|"consumer.stop_cut_short"' "$run/$1.log" || give_up "$1 did not stop in order" "$1"
  mv "$run/$1.log" "$run/$1.stopped-$SECONDS.log"
  sleep "$(tenths "$2")"
  start_instance "$1"
}
fault_freeze() { # INSTANCE TENTHS: past its session, and perhaps past its transaction
  kill -STOP "$(<"$run/$1.pid")"
  sleep "$(tenths $((session * 10 + $2)))"
  kill -CONT "$(<"$run/$1.pid")"
}
fault_broker() { # NODE TENTHS
  signal_node KILL "$1"
  sleep "$(tenths "$2")"
  kafka start --node "$1"
}

is_busy() { [[ ${busy[$1]-} ]] && kill -0 "${busy[$1]}" 2>/dev/null; }
# Waits for the fault that has ended last at that victim.
settle() {
  [[ ${busy[$1]-} ]] || return 0
  wait "${busy[$1]}" || give_up "a fault at $1 did not end well" ""
  unset "busy[$1]"
}

# One fault, at a victim that has none now.
inflict() {
  local kinds=(kill stop freeze broker) kind victim
  while :; do
    draw 0 3 && kind=${kinds[drawn]}
    victim=broker
    if [[ $kind != broker ]]; then draw 0 2 && victim=${instances[drawn]}; fi
    is_busy "$victim" || break
    sleep 0.2
  done
  settle "$victim"
  [[ $victim == broker ]] || is_running "$victim" || give_up "$victim has ended by itself" "$victim"
  case $kind in
    broker)
      draw 1 3 && local node=$drawn
      draw 0 30 && fault_broker "$node" "$drawn" &
      ;;
    kill) draw 0 100 && fault_kill "$victim" "$drawn" & ;;
    stop) draw 0 50 && fault_stop "$victim" "$drawn" & ;;
    freeze) draw 10 80 && fault_freeze "$victim" "$drawn" & ;;
  esac
  busy[$victim]=$!
  tally[$kind]=$((${tally[$kind]-0} + 1))
}

# ---- Judgement

# sum_of GAUGE: of all instances; fails if one of them does not tell.
sum_of() {
  local sum=0 name value
  for name in "${instances[@]}"; do
    consumer_admin=$(admin_of "$name")
    value=$(gauge "$1") && [[ $value ]] || return 1
    sum=$((sum + value))
  done
  echo "$sum"
}
is_all_disposed_of() {
  local name
  for name in "${instances[@]}"; do is_ready "$(admin_of "$name")" || return 1; done
  [[ $(sum_of lag) == 0 && $(sum_of pending) == 0 ]]
}
# The marker of the last transaction may reach one topic before another.
read_results() {
  read_topic "${prefix}processes" '%k\n' | sort >"$run/results.txt"
  markers=$(read_topic "${prefix}callbacks.seen" '%p\n' | wc -l)
  dead=$(read_topic "${prefix}callbacks.dead" '%k\n' | wc -l)
}
is_complete() {
  read_results
  (($(sort -u "$run/results.txt" | wc -l) >= callbacks && markers >= callbacks))
}
# seen EVENT: how often the instances have logged it.
seen() { cat "$run"/consumer.*.log | grep -c "\"event\":\"$1\"" || true; }

soak_consumers() {
  count=${count:-100} callbacks=${callbacks:-100000}
  local deliveries=$((callbacks * (1 + redeliveries))) fault begun name
  # A fault comes every 6 s, and the load is to last as long as the faults do.
  rate=${rate:-$((deliveries / (count * 13 / 2) + 1))}
  programs=("${instances[@]}" assure-sim)
  start_broker
  start_api
  write_instances
  create_topics
  list_deliveries
  step "starting three instances, and $rate deliveries a second: $callbacks callbacks, each $((1 + redeliveries)) times"
  for name in "${instances[@]}"; do start_instance "$name"; done
  for name in "${instances[@]}"; do
    wait_until 60 is_ready "$(admin_of "$name")" || give_up "$name is not ready" "$name"
  done
  write_callbacks >"$run/writer.log" 2>&1 &
  writer=$!
  begun=$SECONDS
  for ((fault = 1; fault <= count; ++fault)); do
    draw 20 100 && sleep "$(tenths "$drawn")"
    inflict
    ((fault % 10)) || step "  $fault faults$(kill -0 "$writer" 2>/dev/null || echo ', all written')"
  done
  for name in "${instances[@]}" broker; do settle "$name"; done
  local under_faults=$((SECONDS - begun))
  touch "$run/hurry"
  wait "$writer" || give_up "the callbacks could not be written" writer
  writer=
  step "all is written, and nothing happens any more; waiting until everything is handled"
  wait_until $((120 + deliveries / 500)) is_all_disposed_of ||
    give_up "not everything is handled: $(sum_of lag) not read, $(sum_of pending) in hand" "${instances[@]}"
  wait_until 60 is_complete || true
  local handled=$((SECONDS - begun)) stored
  stored=$(read_topic "${prefix}callbacks" '%p\n' | wc -l)
  cut -f1 "$run/deliveries.txt" | sort -u >"$run/expected.txt"
  missing=$(comm -23 "$run/expected.txt" <(uniq "$run/results.txt") | wc -l)
  surplus=$(comm -13 "$run/expected.txt" "$run/results.txt" | wc -l)

  echo "$count faults in $under_faults s: ${tally[kill]-0} kills, ${tally[stop]-0} stops, ${tally[freeze]-0} freezes past the session, ${tally[broker]-0} brokers killed"
  echo "$stored deliveries of $callbacks callbacks, handled $handled s after the first: $(wc -l <"$run/results.txt") results, $markers markers, $dead dead letters"
  echo "on the way: $(seen lane.assigned) assignments, $(seen transaction.not_committed) transactions not committed, $(seen producer.recycled) producers recycled, $(seen commit.withheld) commits withheld, $(seen reading.stalled) readings and $(seen restore.stuck) restores stalled"
  ((!missing)) || fail "$missing callbacks have no result"
  ((!surplus)) || fail "$surplus results too many"
  ((!dead)) || fail "$dead dead letters"
  ((markers == callbacks)) || fail "$markers markers for $callbacks results"
  audit_all
}

# The same judgement by the operator's own tool.
audit_all() {
  "$bin/sluicectl" --help 2>&1 | grep -q '\baudit\b' || return 0
  local status=0
  "$bin/sluicectl" audit --config "$run/consumer.yaml" --from "$begun_at" \
    --to "$(date -u +%FT%TZ)" >"$run/audit.txt" 2>&1 || status=$?
  tail -n 3 "$run/audit.txt"
  ((!status)) || fail "sluicectl audit ends with status $status"
}
