# ops/soak rebalance: how long partitions stand still when instances come and go under load. Sourced by
# ops/soak, never run; with ops/scenarios/consumers.sh.
# shellcheck shell=bash disable=SC2034,SC2154

partitions=12

# As the log of consumer tells it.
now() { date -u +%FT%T.%3NZ; }
# note WHAT WHO: something that no instance logs.
note() { echo "$(now) $1 $2" >>"$run/events.txt"; }

running_of() { consumer_admin=$(admin_of "$1") && gauge 'partitions{state="running"}'; }
# Whether these instances, and each of them, read all there is.
share_all() {
  local name sum=0 running
  for name in "$@"; do
    running=$(running_of "$name") && [[ $running && $running != 0 ]] || return 1
    sum=$((sum + running))
  done
  ((sum == partitions))
}
settles() { # KIND INSTANCE…
  wait_until 60 share_all "${@:2}" || give_up "$1: the partitions are not shared among ${*:2}" "${@:2}"
  sleep 1 # Every partition has read again by then.
}

comes() {
  note "event:$1" consumer.3
  start_instance consumer.3
  settles "$1" "${instances[@]}"
}
goes() {
  note "event:$1" consumer.3
  kill "$(<"$run/consumer.3.pid")"
  wait_until 15 has_stopped consumer.3 || give_up "consumer.3 does not stop" consumer.3
  mv "$run/consumer.3.log" "$run/consumer.3.stopped-$SECONDS.log"
}
dies() {
  note "event:$1" consumer.3
  note stopped consumer.3
  kill_now consumer.3
}
stays_away() { settles "$1" consumer.1 consumer.2; }
comes_back() {
  start_instance consumer.3
  settles "$1" "${instances[@]}"
}

# TIME WHAT WHO [PARTITION], by time: what the instances have logged, and what was noted.
history_of() {
  local file name
  {
    cat "$run/events.txt"
    for file in "$run"/consumer.?.*log "$run"/consumer.?.log; do
      name=$(basename "$file" | cut -d. -f1-2)
      sed -n -e "s/.*\"event\":\"lane.revoked\".*\"time\":\"\([^\"]*\)\".*/\1 stopped $name/p" \
        -e "s/.*\"event\":\"partition.restored\".*\"time\":\"\([^\"]*\)\".*\"partition\":\([0-9]*\),.*/\1 restored $name \2/p" "$file"
    done
  } | sort -u
}
# Of each event the partition that stood still longest; over all events of a kind: half of them, all.
judge_rebalances() {
  history_of | awk '
    function ms(time) { split(substr(time, 12), t, /[:.Z]/); return ((t[1] * 60 + t[2]) * 60 + t[3]) * 1000 + t[4] }
    $2 ~ /^event:/ { kind[++n] = substr($2, 7) }
    $2 == "stopped" { for (p in owner) if (owner[p] == $3) { since[p] = ms($1); delete owner[p] } }
    $2 == "restored" {
      if ($4 in since) {
        still = ms($1) - since[$4]
        if (still < 0) still += 86400000 # midnight
        if (!(n in worst) || still > worst[n]) worst[n] = still
        delete since[$4]
      }
      owner[$4] = $3
    }
    END { for (i = 1; i <= n; ++i) if (i in worst) print kind[i], worst[i] }' |
    sort -k1,1 -k2,2n | awk '
    function tell() { if (count) printf "%-22s %3d times: p50 %5d ms, max %5d ms\n", last, count, all[int((count + 1) / 2)], all[count] }
    $1 != last { tell(); count = 0; last = $1 }
    { all[++count] = $2 }
    END { tell() }'
}

soak_rebalance() {
  count=${count:-10} rate=${rate:-200}
  local round
  callbacks=$((rate * count * 60)) # more than it takes
  programs=("${instances[@]}" assure-sim)
  start_broker
  start_api
  write_instances
  sed -i -e '/^lanes:/d' -e "s/^kafka: .*/kafka: { bootstrap.servers: \"$bootstrap\" }/" "$run"/consumer.?.yaml
  create_topics
  list_deliveries
  : >"$run/events.txt"
  step "two instances, and $rate deliveries a second"
  start_instance consumer.1
  start_instance consumer.2
  stays_away start
  write_callbacks >"$run/writer.log" 2>&1 &
  writer=$!
  for ((round = 1; round <= count; ++round)); do
    step "  round $round of $count: joins, restarts, leaves, joins, is killed and restarted, is killed"
    comes joins
    goes is-restarted && comes_back is-restarted
    goes leaves && stays_away leaves
    comes joins
    dies is-killed-and-back && comes_back is-killed-and-back
    dies is-killed && stays_away is-killed
  done
  kill -0 "$writer" 2>/dev/null || fail "the load ended too early"
  kill "$writer" 2>/dev/null || true
  wait "$writer" 2>/dev/null || true
  writer=
  echo "how long the partition stood still that stood still longest, when a third instance"
  judge_rebalances
}
