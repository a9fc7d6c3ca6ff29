# ops/soak alerts: a healthy pipeline raises no alert, and each alert is raised by its fault.
# Sourced by ops/scenarios/run_alerts, never run; uses alert_load.sh and alert_watch.sh.
#
# A real Prometheus scrapes the binaries and evaluates the rules of ops/prometheus, with times
# divided by --scale (ops/scenarios/scale_rules.awk). Times that cannot be scaled are reached by
# configuration: eid gives up after 110 s, the spool is small, records above 200,000 bytes are
# refused, and so on; see alert_load.sh.
# shellcheck shell=bash disable=SC2034,SC2154

# ---- The faults, group by group. Faults that do not affect each other overlap.

faults_of_callbacks() {
  local missing=alerts-missing-process provider
  healthy="{\"latency_ms\":20,\"error_rate\":0.02,\"missing\":[\"$missing\"]}"
  behave "$healthy"
  fault missing "a process that the API does not know" CallbackWaitsForLong
  "$bin/sluicectl" send --provider eid --process $missing --target "http://$ingest" \
    --authorization-file "$run/secret" >"$run/send.log" || give_up "the callback cannot be sent" send

  fault clocks "a callback with a receipt time in an hour" ClocksDiffer
  put_callback -H provider=paper -H "received-at=$(date -u -d '+1 hour' +%FT%T.000Z)"
  await clocks
  taken_back clocks # The alert lasts five minutes.

  fault malformed "a callback that is not JSON" DeadLetters
  [[ $(post eid 0 'no JSON') == 200 ]] || fail "ingest refuses an unreadable callback"
  fault secrets "the secrets of onfido and paper change on one side" "Unauthorized OneShotProviderNotAnswered200"
  for provider in onfido paper; do echo "another secret" >"$run/secret.$provider"; done
  kill -HUP "$(<"$run/ingest.pid")"
  await secrets
  for provider in onfido paper; do cp "$run/secret" "$run/secret.$provider"; done
  kill -HUP "$(<"$run/ingest.pid")"
  taken_back secrets
  await malformed
  taken_back malformed
  settle_fault secrets malformed

  fault spool "the spool's file is replaced by another file" "SpoolIsClosed SpoolFileLost" SpoolTakesNothing
  echo "something else" >"$run/something"
  mv "$run/something" "$run/spool.db"
  await spool
  rm "$run/spool.db"
  taken_back spool
  settle_fault spool

  # It refuses callbacks until its first contact with Kafka.
  fault ingest "ingest is killed" "IngestDown NoIngestLeft" CallbacksRefused
  kill_now ingest
  await_without ingest ingest
  start_ingest
  taken_back ingest
  settle_fault ingest
}
# await_without PROGRAM ID: waits while this program is down on purpose.
await_without() {
  local all=("${programs[@]}")
  mapfile -t programs < <(printf '%s\n' "${all[@]}" | grep -vx "$1")
  await "$2"
  programs=("${all[@]}")
}

faults_of_the_api() {
  fault api "the Assure API is down" "BreakerOpen NoResults LagGrows"
  behave '{"down":true}'
  await api
  behave "$healthy"
  taken_back api
  fault backlog "the API is back, with a backlog" ResultsAreLate
  await backlog
  taken_back backlog
  settle_fault api backlog
  await missing
  healthy='{"latency_ms":20,"error_rate":0.02}'
  behave "$healthy"
  taken_back missing
  settle_fault missing
}

# Further alerts that a broker which does not answer causes.
of_kafka="KafkaTakesNoCallbacks PartitionTakesNoCallbacks KafkaAcksAreSlow CallbacksRefused HalfOfTheRetriesAreGone NoResults ResultsAreLate RestoreIsSlow SpoolIsOld ProviderIsSilent CallbacksNobodyReads ConsumerKnowsNothing"

faults_of_kafka() {
  fault slow "the broker freezes for 3.2 s, repeatedly" KafkaAcksAreSlow "KafkaTakesNoCallbacks CallbacksRefused"
  (
    trap 'signal_node CONT 1; exit' TERM
    while :; do
      signal_node STOP 1
      sleep 3.2
      signal_node CONT 1
      sleep 1
    done
  ) &
  flapper=$!
  await slow
  kill "$flapper"
  wait "$flapper" || true
  flapper=
  taken_back slow
  settle_fault slow

  # Enough callbacks are in hand for a transaction of every lane.
  behave '{"latency_ms":500}'
  sleep 2
  fault outage "the broker is killed, and the spool fills" \
    "KafkaTakesNoCallbacks CallbacksRefused HalfOfTheRetriesAreGone SpoolFilling SpoolTakesNothing OneShotProviderNotAnswered200 CommitsFail ConsumerKnowsNothing" \
    "$of_kafka"
  signal_node KILL 1
  local sent
  for ((sent = 0; sent < 16; ++sent)); do post paper 150000 >/dev/null & done
  await outage
  kafka start
  behave "$healthy"
  taken_back outage
  settle_fault outage

  fault spooled "a record that is larger than message.max.bytes" SpoolHasRefused
  [[ $(post paper 300000) == 200 ]] || fail "a callback that Kafka does not accept was not spooled"
  await spooled
  along[spooled]="IngestDown NoIngestLeft CallbacksRefused" # It takes a restart to mend.
  sed -i 's/message.max.bytes: "[0-9]*"/message.max.bytes: "2000000"/' "$run/ingest.yaml"
  kill_now ingest
  start_ingest
  "$bin/sluicectl" spool retry --path "$run/spool.db" >/dev/null || fail "the refused callback cannot be retried"
  taken_back spooled
  settle_fault spooled

  fault lossy "the broker is killed and loses its last records, three times" ProducerRebuilt "$of_kafka CommitsFail OneShotProviderNotAnswered200 LogWentBack"
  local times log stored
  for times in 1 2 3; do
    # The producer must have further records on every partition: a producer that a broker does not
    # know may begin at any sequence number.
    stored=$(stored_by_ingest)
    wait_until 60 has_stored $((stored + 6 * rate)) || fail "ingest does not store"
    signal_node KILL 1
    # Recovery removes an incomplete batch, and the producer's next one does not follow.
    for log in "$run"/kafka/node-1/"${prefix}"callbacks-*/*.log; do
      [[ ! -s $log ]] || truncate -s -10 "$log"
    done
    kafka start
    wait_until 60 has_rebuilt "$times" || fail "the producer was not rebuilt ($times)"
  done
  await lossy
  taken_back lossy
  ((scale == 1)) || fault_of_silence
  settle_fault lossy

  # The effects of a power cut on a broker without a replica, of a restored volume, and of retention
  # on a lag.
  kill_now consumer
  fault logs "the broker loses the beginnings and ends of unread logs" \
    "LogWentBack CallbacksExpiredUnread" \
    "$of_kafka ConsumerDown NoConsumerLeft LagGrows ProducerRebuilt OneShotProviderNotAnswered200 CommitsFail"
  stored=$(stored_by_ingest)
  wait_until 60 has_stored $((stored + 3 * rate)) || fail "ingest does not store"
  lose_logs
  kafka start
  launch consumer consumer.started --config "$run/consumer.yaml"
  await logs
  taken_back logs
  settle_fault logs

  fault anew "callbacks is deleted and recreated while it is read" PartitionsUnread \
    "$of_kafka LogWentBack WatchdogActs CommitsFail ProducerRebuilt OneShotProviderNotAnswered200"
  delete_topic callbacks
  sleep 2
  create_topics
  await anew
  taken_back anew
  settle_fault anew
}

faults_of_consumer() {
  fault consumer "consumer is killed" "ConsumerDown NoConsumerLeft CallbacksNobodyReads" ConsumerKnowsNothing
  kill_now consumer
  await_without consumer consumer
  # Half of the partitions cannot be restored; a quarter yields no records.
  fault hanging "transactions that hang on callbacks and callbacks.seen" "RestoreIsSlow RestoreIsStuck WatchdogActs TransactionForgotten" \
    "LagGrows ResultsAreLate ConsumerKnowsNothing"
  local partition
  for partition in 0 1 2 3; do hang callbacks.seen $partition; done
  for partition in 4 5 6; do hang callbacks $partition; done
  launch consumer consumer.started --config "$run/consumer.yaml"
  taken_back consumer
  settle_fault consumer
  await hanging
  let_go
  taken_back hanging
  settle_fault hanging
  wait_until 330 is_quiet clocks || true
  settle_fault clocks
}

fault_of_silence() {
  # The alert can fire once "yesterday" is six minutes ago.
  local yesterday=$((86400 / scale / day))
  sleep $((${begun%.*} + yesterday + 15 > EPOCHSECONDS ? ${begun%.*} + yesterday + 15 - EPOCHSECONDS : 0))
  fault silence "Connect sends nothing" ProviderIsSilent
  kill "$silent_sender"
  wait "$silent_sender" || true
  await silence
  send_connect
  taken_back silence
  settle_fault silence
}

# ---- All of them

soak_alerts() {
  seconds=${seconds:-60} rate=${rate:-100} nodes=1 providers=(onfido:4 eid:3 readid:3 paper connect)
  programs+=(prometheus)
  write_rules
  start_broker
  start_api
  write_alerts_configurations
  create_topics
  start_ingest
  start_consumer
  keep_admin_ports
  providers=(onfido:4 eid:3 readid:3 paper)
  send --count 1000000 --open-loop "$rate" --concurrency 1500 --speed 60 --duplicate-rate 0.1
  send_connect
  wait_until 20 is_at_work || give_up "no results are published" ingest consumer
  start_prometheus
  wait_until 30 is_watching || give_up "Prometheus does not scrape" prometheus
  begun=$EPOCHREALTIME
  stay_healthy
  [[ ! $healthy_only ]] || return 0
  faults_of_callbacks
  faults_of_the_api
  faults_of_consumer
  faults_of_kafka # Last: a single-node cluster may forget to end a transaction when it is killed.
  write_episodes
  print_alerts
  judge_episodes
}
is_at_work() { (($(disposed_of published) > 0)); }
