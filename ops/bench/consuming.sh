# The measured consumer, its topics and its API, for the sections of ops/bench/run. Sourced, never
# run.
# shellcheck shell=bash disable=SC2034,SC2154
programs+=(consumer assure-sim bench-records bench-fetches)
topic_sets=0
instances=0

# new_topics PARTITIONS: creates four empty topics; sets `prefix`.
new_topics() {
  prefix=bench-$((++topic_sets)).
  records topics "$1"
}

# records COMMAND ARGUMENT…: runs bench-records on the topics of `prefix`.
records() {
  "$bin/bench-records" "$1" "$bootstrap" "$prefix" "${@:2}" || die "bench-records $1 has failed"
}

# start_api OPTION…: starts assure-sim; sets `api`, its URL, and `api_pid`.
start_api() {
  ((++instances))
  background "api-$instances" "$bin/assure-sim" --listen 127.0.0.1:0 --admin 127.0.0.1:0 "$@"
  api_pid=$pid
  await_logged "api-$instances" port
  api=http://127.0.0.1:$value
}

# start_consumer GROUP [LINE…]: starts a consumer with these lines in its configuration; sets
# `consumer`, its pid, and `watched`, its pid@address.
start_consumer() {
  ((++instances))
  local name=consumer-$instances
  {
    printf '%s\n' "${@:2}"
    cat <<END
admin: 127.0.0.1:0
group: $prefix$1
instance: $prefix$1-$instances
kafka: { bootstrap.servers: "$bootstrap" }
$(topics_of "$prefix")
assure:
  base_url: $api/assure
  token_url: $api/auth/open/connect/token
  client_id: bench
  client_secret: bench
END
  } >"$run/$name.yaml"
  background "$name" "$bin/consumer" --config "$run/$name.yaml"
  consumer=$pid
  await_logged "$name" admin_port
  watched=$consumer@127.0.0.1:$value
}

# await_in_group PID@ADMIN…: waits until each instance has restored its share of the partitions.
await_in_group() {
  local instance
  for instance; do
    wait_until 60 is_restored "${instance#*@}" || die "a consumer does not start"
  done
}
is_restored() {
  curl -sf -m 2 "http://$1/metrics" | awk '
    /^sluice_consumer_partitions\{state="running"/ { running = $NF }
    /^sluice_consumer_partitions\{state="restoring"/ { restoring = $NF }
    END { exit !(running > 0 && restoring == 0) }'
}

# watch COUNT PID@ADMIN…: waits until COUNT callbacks are handled; sets counted, elapsed and cpu.
watch() {
  local figures
  figures=$("$bin/bench-fetches" watch "$@") || die "consumer has not handled $1 callbacks"
  read -r counted elapsed cpu <<<"$figures"
}

# timed COMMAND…: runs a command that prints its seconds and CPU-seconds; sets elapsed and cpu.
timed() {
  local figures
  figures=$("$@") || die "$1 has failed"
  read -r elapsed cpu <<<"$figures"
}

# quotient A B [FACTOR]
quotient() { awk -v a="$1" -v b="$2" -v f="${3-1}" 'BEGIN { printf "%.4f\n", a / b * f }'; }
