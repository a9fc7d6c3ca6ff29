# ops/soak api: what the Assure API can do to consumer, one thing after the other, under load.
# Sourced by ops/soak, never run.
# shellcheck shell=bash disable=SC2034,SC2154

healthy='{"latency_ms":20,"error_rate":0.02}'
most_in_flight=256 # fetch.max_in_flight
watcher=

behave() {
  curl -sf -m 10 -X PUT -d "$1" -o /dev/null "http://$assure_admin/behaviour" ||
    give_up "the simulated API does not take its behaviour" assure-sim
}
# api_saw NAME: a number of the simulated API's statistics.
api_saw() { curl -sf -m 5 "http://$assure_admin/stats" | grep -o "\"$1\":[0-9]*" | cut -d: -f2; }
# count_anew PART: what was seen is kept under that name.
count_anew() {
  echo "$1 $(api_saw max_resource_concurrency) $(api_saw despite_retry_after)" >>"$run/seen.txt"
  curl -sf -m 5 -X DELETE -o /dev/null "http://$assure_admin/stats"
}
attempts() {
  curl -sf -m 2 "http://$consumer_admin/metrics" |
    awk '/^sluice_consumer_fetch_attempts_total/ { n += $NF } END { print n + 0 }'
}
# Without what is only a view of files.
resident() { awk '/^RssAnon/ { print $2 }' "/proc/$(<"$run/consumer.pid")/status"; }

# enter PART: what is written from now on belongs to it.
enter() {
  step "$1"
  echo "${1%%[ ,:]*}" >"$run/part.txt"
}
# Lines of: second, part, resident KiB, in hand, not read, in flight, limit, breaker.
watch_consumer() {
  until [[ $(<"$run/part.txt") == over ]]; do
    echo "$SECONDS $(<"$run/part.txt") $(resident) $(gauge pending) $(gauge lag) $(gauge in_flight) $(gauge concurrency_limit) $(gauge breaker_open)" >>"$run/watch.txt"
    sleep 1
  done
}
# most PART COLUMN [FROM TO]: the largest value, in that share (in percent) of the part's lines.
most() {
  awk -v part="$1" -v column="$2" -v from="${3:-0}" -v to="${4:-100}" '
    $2 == part && NF == 8 { value[n++] = $column }
    END {
      for (i = 0; i < n; ++i) if (i >= n * from / 100 && i < n * to / 100 && value[i] > most) most = value[i]
      print most + 0
    }' "$run/watch.txt"
}

backlog() { echo $(($(gauge lag) + $(gauge pending))); }
is_drained() { (($(backlog) <= 3 * rate)); }
# drain PART: until only what has just come in is left.
drain() {
  local begun=$SECONDS
  sleep 6 # The consumer asks every 5 s how much is waiting.
  until is_drained; do
    must_go_on $((begun + 900)) "the backlog of $1 is not worked off"
    sleep 1
  done
  echo "$1: the backlog was worked off after $((SECONDS - begun)) s" >>"$run/drained.txt"
}

api() {
  seconds=${seconds:-600} rate=${rate:-100}
  send --count $((rate * (seconds + 2000))) --open-loop "$rate" --speed 720 --duplicate-rate 0.1
  enter "normal operation"
  watch_consumer &
  watcher=$!
  sleep 20
  count_anew normal

  enter "down for $seconds s under $rate callbacks/s"
  local before
  before=$(attempts)
  behave '{"down":true}'
  sleep "$seconds"
  must_go_on $((SECONDS + 1)) ""
  tries=$(($(attempts) - before))
  waiting=$(backlog)
  enter "back again, $waiting callbacks wait"
  behave "$healthy"
  drain down
  count_anew back

  enter "storm of 429 with Retry-After: 2"
  behave '{"latency_ms":20,"status":429,"retry_after_s":2}'
  sleep 20
  count_anew storm
  sleep 10
  count_anew storm-later
  enter "calm again"
  behave "$healthy"
  drain storm
  count_anew calm

  enter "slow: 2 s for each answer"
  behave '{"latency_ms":2000,"error_rate":0.02}'
  sleep 60
  count_anew slow
  enter "quick again"
  behave "$healthy"
  drain slow
  count_anew quick

  enter "garbage instead of JSON for 10 s"
  behave '{"latency_ms":20,"body":"garbage"}'
  sleep 10
  behave "$healthy"
  drain garbage
  enter "end, what was garbage is fetched again"
  "$bin/sluicectl" dead redrive --config "$run/consumer.yaml" --reason unreadable-response \
    >"$run/redrive.log" 2>&1 || give_up "the dead letters cannot be redriven" redrive
  sleep 20
  count_anew end
  echo over >"$run/part.txt"
  wait "$watcher"
  watcher=
  kill "$sender"
  end_sending
}

judge_api() {
  local reasons first last part
  awk '{ print "the API has seen in " $1 ": at most " $2 " requests at once, " $3 " during Retry-After" }' \
    "$run/seen.txt"
  awk -v most=$most_in_flight '$2 > most || $3 > 0 { exit 1 }' "$run/seen.txt" ||
    fail "the API has seen more requests than it should"
  awk '$1 == "storm-later" && $2 > 4 { exit 1 }' "$run/seen.txt" ||
    fail "the storm has not made consumer ask for less"

  echo "$tries requests were tried while the API was down, $waiting callbacks waited in the end"
  ((tries <= 20 + most_in_flight + seconds / 5)) || fail "consumer has not left the API alone"
  (($(most down 8 25) == 1)) || fail "the circuit breaker has not opened"
  cat "$run/drained.txt"

  for part in normal down back storm slow garbage end; do
    echo "$part: at most $(most "$part" 3) KiB resident, $(most "$part" 4) in hand, $(most "$part" 6) in flight, limit $(most "$part" 7)"
  done
  # What waits stays in Kafka. Whenever all in hand have failed to probe with, another is taken in, and
  # librdkafka reads ahead for it: up to 1 MiB of each of the twelve partitions, which is kept once it was had.
  (($(most down 4) <= 20 + most_in_flight)) || fail "callbacks were taken in while the API was down"
  first=$(most normal 3) last=$(most down 3)
  ((last <= first + 32768)) || [[ $preset == *san ]] ||
    fail "memory grows while the API is down: from $first KiB to $last KiB"

  # A callback that has met garbage three times, and no other, was a dead letter before it was redriven.
  read_topic "${prefix}callbacks.dead" '%k %h\n' |
    sed 's/^\([^ ]*\) .*dead\.reason=\([^,]*\).*/\1 \2/' | sort >"$run/dead.txt"
  reasons=$(cut -d' ' -f2 "$run/dead.txt" | sort | uniq -c | awk '{ print $2 ": " $1 }' | paste -sd, -)
  echo "dead letters: ${reasons:-none}"
  if cut -d' ' -f2 "$run/dead.txt" | grep -qvx unreadable-response; then fail "dead letters of the outage"; fi
  dead=0
  echo "$refused callbacks were under way when the providers were ended"
}
