# Starts, watches, asks and ends the programs of the demo: sourced by ops/demo, never run, and
# built on its variables.
# shellcheck shell=bash disable=SC2154

# is_running PROGRAM: a pid that has gone to another process is not taken for it.
is_running() {
  local pid
  pid=$(cat "$run/$1.pid" 2>/dev/null) && [[ "/proc/$pid/exe" -ef $bin/$1 ]]
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

# launch PROGRAM EVENT ARGUMENT…: runs in a session of its own; ready when it logs the event.
launch() {
  local program=$1 event=$2
  shift 2
  setsid "$bin/$program" "$@" </dev/null >"$run/$program.log" 2>&1 &
  echo $! >"$run/$program.pid"
  disown $! # bash would report its end
  wait_until 5 is_running "$program" || give_up "$program does not run" "$program"
  wait_until 20 has_logged "$program" "$event" || give_up "$program has not started" "$program"
}
has_logged() {
  is_running "$1" || give_up "$1 has not started" "$1"
  grep -q "\"$2\"" "$run/$1.log"
}

# logged PROGRAM EVENT FIELD: a number that the program has logged.
logged() { grep -m 1 "\"$2\"" "$run/$1.log" | grep -o "\"$3\":[0-9]*" | cut -d: -f2; }

# kill_now PROGRAM: as a crash would end it.
kill_now() {
  kill -KILL "$(<"$run/$1.pid")"
  wait_until 5 has_stopped "$1" || give_up "$1 survives SIGKILL" "$1"
  mv "$run/$1.log" "$run/$1.killed-$SECONDS.log"
}

# disposed_of [OUTCOME] [PROVIDER]: the consumer's count of callbacks, of all if none is given.
disposed_of() {
  curl -sf -m 2 "http://$consumer_admin/metrics" |
    awk -v outcome="outcome=\"${1-}" -v provider="provider=\"${2-}" \
      '/^sluice_consumer_callbacks_total/ && index($0, outcome) && index($0, provider) { n += $NF }
       END { print n + 0 }'
}
is_ready() { curl -sf -m 2 -o /dev/null "http://$1/readyz"; }

# gauge NAME: one of the consumer's; empty if it cannot be had.
gauge() {
  curl -sf -m 2 "http://$consumer_admin/metrics" |
    awk -v name="sluice_consumer_$1" '$1 == name { print $2 }'
}

# read_topic TOPIC FORMAT: all its records, read committed.
read_topic() {
  timeout 60 kcat -b "$bootstrap" -C -q -e -o beginning -t "$1" -f "$2" \
    -X isolation.level=read_committed -X check.crcs=true
}

write_configurations() {
  local provider
  (umask 077 && head -c 24 /dev/urandom | base64 >"$run/secret")
  cat >"$run/consumer.yaml" <<END
admin: 127.0.0.1:0
group: ${prefix}sluice
instance: ${prefix}consumer-0
kafka: { bootstrap.servers: "$bootstrap" }
topics:
  callbacks: ${prefix}callbacks
  seen: ${prefix}callbacks.seen
  processes: ${prefix}processes
  dead: ${prefix}callbacks.dead
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
providers:
END
  for provider in "${providers[@]}"; do
    echo "  $provider: { authorization_file: $run/secret }" >>"$run/ingest.yaml"
  done
}
