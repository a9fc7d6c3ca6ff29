#!/usr/bin/env bash
# The scenarios of ops/soak that are not in tests/soak yet; run by it.
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/../lib.sh"
# shellcheck source=ops/pipeline.sh
source "$(dirname "$0")/../pipeline.sh"
# shellcheck source=ops/scenarios/alert_load.sh
source "$(dirname "$0")/alert_load.sh"
# shellcheck source=ops/scenarios/alert_watch.sh
source "$(dirname "$0")/alert_watch.sh"
# shellcheck source=ops/scenarios/alerts.sh
source "$(dirname "$0")/alerts.sh"
# shellcheck source=ops/scenarios/api.sh
source "$(dirname "$0")/api.sh"
# shellcheck source=ops/scenarios/consumers.sh
source "$(dirname "$0")/consumers.sh"
# shellcheck source=ops/scenarios/rebalance.sh
source "$(dirname "$0")/rebalance.sh"
# shellcheck source=ops/scenarios/starved.sh
source "$(dirname "$0")/starved.sh"
scenario=
rate=
seconds=
count=
callbacks=
runs=1
nodes_wanted=
copies=
scale=30
healthy_only=
seed=$RANDOM
preset=release
bin=
while (($#)); do
  case $1 in
    api | consumers | rebalance | starved | alerts) scenario=$1 ;;
    --rate) rate=${2:?--rate needs a number} && shift ;;
    --seconds) seconds=${2:?--seconds needs a number} && shift ;;
    --count) count=${2:?--count needs a number} && shift ;;
    --seed) seed=${2:?--seed needs a number} && shift ;;
    --callbacks) callbacks=${2:?--callbacks needs a number} && shift ;;
    --runs) runs=${2:?--runs needs a number} && shift ;;
    --nodes) nodes_wanted=${2:?--nodes needs a number} && shift ;;
    --copies) copies=${2:?--copies needs a number} && shift ;;
    --scale) scale=${2:?--scale needs a number} && shift ;;
    --healthy) healthy_only=1 ;;
    --bin) bin=$(realpath "${2:?--bin needs a directory}") && shift ;;
    --preset) preset=${2:?--preset needs a name} && shift ;;
    --help) usage 0 ;;
    *) usage 2 ;;
  esac
  shift
done
[[ $scenario ]] || usage 2
for number in "${rate:-1}" "${seconds:-1}" "${count:-1}" "${callbacks:-1}" "$runs" "$scale" "$seed"; do
  [[ $number =~ ^[0-9]{1,7}$ ]] || die "'$number' is no number"
done
((scale && runs)) || die "--scale and --runs are at least 1"
[[ ${nodes_wanted:-1}-${copies:-1} == @(1-1|3-1|3-3) ]] || die "--nodes is 1 or 3, and --copies 1 or as many as nodes"

run=$project/build/soak/$scenario
providers=(onfido:4 eid:3 readid:3 paper connect)
by_lag=1
nodes=3
faults=0
flapper=
writer=
hogs=()

fail() {
  say "FAILED: $*"
  faults=$((faults + 1))
}

end_all() {
  local pid
  for pid in $flapper $writer $watcher $silent_sender; do kill "$pid" 2>/dev/null || true; done
  let_be
  ((!${#hanging[@]})) || kill -KILL "${hanging[@]}" 2>/dev/null || true
  stop_all
}

# Killed and frozen, never stopped: a Kafka 4 that shuts down, and whose partitions have no leader
# left, takes a transaction for complete without marking its records, and nobody reads on from there.
kafka() { "$project/ops/kafka/$1" --dir "$run/kafka" "${@:2}" >/dev/null; }
signal_node() { kill "-$1" "$(<"$run/kafka/node-$2.pid")"; }

# ---- All of them

spool_is_empty() {
  [[ $(curl -sf -m 2 "http://$ingest_admin/metrics" |
    awk '$1 == "sluice_ingest_spool_records" { print $2 }') == 0 ]]
}

if [[ ! $bin ]]; then
  "$project/ops/build" --preset "$preset"
  bin=$project/build/$preset/bin
fi
ulimit -n "$(ulimit -Hn)"
if [[ $scenario == starved ]]; then
  if ((runs > 1)); then soak_starved_again && exit 0 || exit 1; fi
  run=$run/seed-$seed
fi
stop_all
rm -rf "$run" && mkdir -p "$run"
trap end_all EXIT
RANDOM=$seed
unset KAFKA_BOOTSTRAP # It is going to be stopped.

[[ $scenario != api ]] || nodes=1 # Kafka is not what it is about.
step "$scenario, seed $seed"
if declare -F "soak_$scenario" >/dev/null; then
  begun_at=$(date -u +%FT%TZ)
  "soak_$scenario"
  exit "$((faults > 0))"
fi
start_broker
start_pipeline
callbacks=1000000
"$scenario"
ingest_admin=127.0.0.1:$(logged ingest ingest.listening admin_port)
wait_until 120 spool_is_empty || give_up "the spool does not drain" ingest
wait_for_results
verify
surplus=$(comm -13 "$run/all.txt" "$run/results.txt" | grep -cv ' abuse ' || true)
echo "$(<"$run/deliver.json")"
"judge_$scenario"
echo "$(wc -l <"$run/all.txt") callbacks sent, $(wc -l <"$run/expected.txt") answered 200, $stored deliveries stored, $(wc -l <"$run/results.txt") results"
((!missing)) || fail "$missing callbacks answered 200 have no result"
((!surplus)) || fail "$surplus results too many"
((!dead)) || fail "$dead dead letters"
((!faults))
