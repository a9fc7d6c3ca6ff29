# The whole pipeline on this machine: starts, watches, queries, judges and stops it. Sourced by
# ops/demo and ops/soak, never run. They set run, bin, providers, nodes, and by_lag, which is
# non-empty if consumer's own counts do not cover the whole run.
# shellcheck shell=bash disable=SC2034,SC2119,SC2120,SC2154

programs=(ingest consumer assure-sim)
sender= # The pid of assure-sim deliver while it runs.

step() { say "$(printf '[%3d s] %s' "$SECONDS" "$*")"; }

give_up() {
  local program
  for program in "${@:2}"; do
    say "--- end of $run/$program.log" && tail -n 10 "$run/$program.log" >&2
  done
  die "$1; see $run"
}

start_broker() {
  if [[ ${KAFKA_BOOTSTRAP-} ]]; then
    bootstrap=$KAFKA_BOOTSTRAP
    prefix=demo-$(date +%s)-$$.
    step "using the Kafka cluster at $bootstrap, topics ${prefix}*"
  else
    step "starting Kafka ($nodes node(s))"
    bootstrap=$("$project/ops/kafka/start" --fresh --nodes "$nodes" --dir "$run/kafka")
    prefix=
  fi
  local brokers
  brokers=$(kcat -b "$bootstrap" -L -J -m 10 | grep -o '"brokers":\[[^]]*' | grep -o '"id"' | wc -l)
  ((brokers)) || die "no Kafka broker answers at $bootstrap"
  replication=$((brokers < 3 ? 1 : 3))
}

start_pipeline() {
  start_api
  create_topics

  step "starting ingest and consumer"
  start_ingest
  start_consumer
}

start_api() {
  step "starting the simulated Assure API (20 ms per answer, 2 % errors)"
  launch assure-sim simulator.listening --listen 127.0.0.1:0 --admin 127.0.0.1:0 \
    --latency-ms 20 --error-rate 0.02
  assure_port=$(logged assure-sim simulator.listening port)
  assure_admin=127.0.0.1:$(logged assure-sim simulator.listening admin_port)
  write_configurations
}

behave() {
  curl -sf -m 10 -X PUT -d "$1" -o /dev/null "http://$assure_admin/behaviour" ||
    give_up "the simulated API rejects its behaviour" assure-sim
}

create_topics() {
  step "creating the topics"
  "$bin/sluicectl" topics create --config "$run/consumer.yaml" --replication "$replication" \
    >"$run/topics.log" 2>&1 || give_up "the topics cannot be created" topics
}

start_ingest() {
  launch ingest ingest.listening --config "$run/ingest.yaml"
  ingest=127.0.0.1:$(logged ingest ingest.listening port)
  ingest_admin=127.0.0.1:$(logged ingest ingest.listening admin_port)
  # After a kill, it must come back at the same address.
  sed -i "s/^listen: .*/listen: $ingest/" "$run/ingest.yaml"
  wait_until 60 is_ready "$ingest_admin" || give_up "ingest is not ready" ingest
}

start_consumer() {
  launch consumer consumer.started --config "$run/consumer.yaml"
  consumer_admin=127.0.0.1:$(logged consumer consumer.started admin_port)
  wait_until 60 is_ready "$consumer_admin" || give_up "consumer is not ready" consumer
}

# must_go_on UNTIL WHY: ends the run if a program has exited or the second UNTIL is reached.
must_go_on() {
  local program
  for program in "${programs[@]}"; do
    is_running "$program" || give_up "$program has ended" "$program"
  done
  ((SECONDS < $1)) || give_up "$2" ingest consumer
}

# send OPTION…: starts the providers in the background.
send() {
  local mix
  mix=$(IFS=, && echo "${providers[*]}")
  "$bin/assure-sim" deliver --target "http://$ingest/callbacks" --providers "$mix" \
    --authorization-file "$run/secret" --ids-file "$run/sent.txt" --quiet "$@" \
    >"$run/deliver.json" 2>"$run/deliver.log" &
  sender=$!
}
is_sending() { kill -0 "$sender" 2>/dev/null; }
end_sending() {
  wait "$sender" || give_up "the providers could not send" deliver
  sender=
}

wait_for_results() {
  read_topic "${prefix}callbacks" '%h\n' | grep -o 'provider=[^,]*' | cut -d= -f2 >"$run/stored.txt"
  stored=$(wc -l <"$run/stored.txt")
  step "$stored deliveries are stored; waiting until consumer has handled them"
  local patience=$((SECONDS + 120 + callbacks / 100))
  # A consumer needs up to 5 s after its start to learn its lag.
  [[ ! $by_lag ]] || sleep 6
  until is_all_handled; do
    must_go_on "$patience" "not everything is handled"
    sleep 1
    step "  $(gauge lag) deliveries not yet read, $(gauge pending) in hand"
  done
}

# consumer's counts do not survive a kill, but the remaining work can be queried at any time.
is_all_handled() {
  if [[ $by_lag ]]; then
    [[ $(gauge lag) == 0 && $(gauge pending) == 0 ]]
  else
    (($(disposed_of) >= stored))
  fi
}

# Judges by the topics alone: every acknowledged callback must be there, and nothing twice.
verify() {
  step "comparing what was sent with what is on the topics"
  cut -d' ' -f1-4 "$run/sent.txt" | sort >"$run/all.txt"
  grep ' yes [0-9]*$' "$run/sent.txt" | cut -d' ' -f1-4 | sort >"$run/expected.txt"
  read_topic "${prefix}processes" '%s\n' |
    sed 's/^{"provider":"\([^"]*\)","dossierId":"\([^"]*\)","processId":"\([^"]*\)","status":"\([^"]*\)".*/\1 \2 \3 \4/' |
    sort >"$run/results.txt"
  dead=$(read_topic "${prefix}callbacks.dead" '%k\n' | wc -l)
  missing=$(comm -23 "$run/expected.txt" "$run/results.txt" | wc -l)
  surplus=$(comm -13 "$run/all.txt" "$run/results.txt" | wc -l)
  refused=$(($(wc -l <"$run/all.txt") - $(wc -l <"$run/expected.txt")))
}

# A program with several instances has a dot in its name: consumer.1 runs consumer. Other programs
# are Debian's.
binary_of() {
  local name=${1%%.*}
  if [[ -x $bin/$name ]]; then echo "$bin/$name"; else command -v "$name"; fi
}

# is_running PROGRAM: ignores a pid that another process has taken over.
is_running() {
  local pid
  pid=$(cat "$run/$1.pid" 2>/dev/null) && [[ "/proc/$pid/exe" -ef $(binary_of "$1") ]]
}
has_stopped() { ! is_running "$1"; }

stop_all() {
  local program
  [[ ! $sender ]] || kill "$sender" 2>/dev/null || true
  for program in "${programs[@]}"; do
    if is_running "$program"; then kill "$(<"$run/$program.pid")" 2>/dev/null || true; fi
  done
  for program in "${programs[@]}"; do
    wait_until 20 has_stopped "$program" || kill -KILL "$(<"$run/$program.pid")" || true
    rm -f "$run/$program.pid"
  done
  "$project/ops/kafka/stop" --dir "$run/kafka"
}

# launch PROGRAM EVENT ARGUMENT…: starts the program in its own session and waits until it logs the
# event.
launch() {
  local program=$1 event=$2
  shift 2
  setsid "$(binary_of "$program")" "$@" </dev/null >"$run/$program.log" 2>&1 &
  echo $! >"$run/$program.pid"
  disown $! # otherwise bash would report its end
  wait_until 30 is_running "$program" || give_up "$program does not run" "$program"
  wait_until 60 has_logged "$program" "$event" || give_up "$program has not started" "$program"
}
has_logged() {
  is_running "$1" || give_up "$1 has not started" "$1"
  grep -q "\"$2\"" "$run/$1.log"
}

# logged PROGRAM EVENT FIELD: prints a number that the program has logged.
logged() { grep -m 1 "\"$2\"" "$run/$1.log" | grep -o "\"$3\":[0-9]*" | cut -d: -f2; }

# kill_now PROGRAM: ends it like a crash.
kill_now() {
  kill -KILL "$(<"$run/$1.pid")"
  wait_until 30 has_stopped "$1" || give_up "$1 survives SIGKILL" "$1"
  mv "$run/$1.log" "$run/$1.killed-$SECONDS.log"
}

# disposed_of [OUTCOME] [PROVIDER]: prints consumer's count of callbacks; without arguments of all.
disposed_of() {
  curl -sf -m 2 "http://$consumer_admin/metrics" |
    awk -v outcome="outcome=\"${1-}" -v provider="provider=\"${2-}" \
      '/^sluice_consumer_callbacks_total/ && index($0, outcome) && index($0, provider) { n += $NF }
       END { print n + 0 }'
}
is_ready() { curl -sf -m 2 -o /dev/null "http://$1/readyz"; }

# gauge NAME: prints one of consumer's gauges; empty if unavailable.
gauge() {
  curl -sf -m 2 "http://$consumer_admin/metrics" |
    awk -v name="sluice_consumer_$1" '$1 == name { print $2 }'
}

# read_topic TOPIC FORMAT: prints all records, read committed.
read_topic() {
  timeout 300 kcat -b "$bootstrap" -C -q -e -o beginning -t "$1" -f "$2" \
    -X isolation.level=read_committed -X check.crcs=true || {
    say "the topic $1 cannot be read to its end"
    return 1
  }
}

write_configurations() {
  local provider
  (umask 077 && head -c 24 /dev/urandom | base64 >"$run/secret")
  cat >"$run/consumer.yaml" <<END
admin: 127.0.0.1:0
group: ${prefix}sluice
instance: ${prefix}consumer-0
kafka: { bootstrap.servers: "$bootstrap" }
$(topics_of "$prefix")
assure:
  base_url: http://127.0.0.1:$assure_port/assure
  token_url: http://127.0.0.1:$assure_port/auth/open/connect/token
  client_id: demo
  client_secret_file: $run/secret
  scope: signicat-api
END
  cat >"$run/ingest.yaml" <<END
listen: 127.0.0.1:0
admin: 127.0.0.1:0
drain_delay: 100ms
kafka: { bootstrap.servers: "$bootstrap" }
topics: { callbacks: ${prefix}callbacks }
spool: { path: $run/spool.db, min_free_disk: 64MiB }
providers:
END
  for provider in "${providers[@]%:*}"; do
    echo "  $provider: { authorization_file: $run/secret }" >>"$run/ingest.yaml"
  done
}
