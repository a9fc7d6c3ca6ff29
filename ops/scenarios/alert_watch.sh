# What ops/scenarios/alerts.sh uses to watch and judge: the rules, Prometheus, and when each fault
# was caused. Sourced by ops/scenarios/run_alerts, never run.
# shellcheck shell=bash disable=SC2034,SC2154

day=8 # ProviderIsSilent's day is shrunk this many times more: six minutes at --scale 30.
declare -A what=() must=() along=() made=() ended=() settled=()
faults_made=()

# ---- Prometheus

# The text without its times.
without_times() { sed -E 's/\b[0-9]+(ms|[smhd])\b/TIME/g; s/> [0-9.]+/> NUMBER/g' "$1"; }
write_rules() {
  local rules=$project/ops/prometheus/sluice.rules.yml
  if ((scale == 1)); then
    cp "$rules" "$run/sluice.rules.yml"
  else
    awk -v scale="$scale" -v day="$day" -f "$project/ops/scenarios/scale_rules.awk" "$rules" \
      >"$run/sluice.rules.yml" || give_up "the rules cannot be shrunk"
  fi
  diff <(without_times "$rules") <(without_times "$run/sluice.rules.yml") >&2 ||
    die "the shrunk rules differ from ops/prometheus"
  promtool check rules "$run/sluice.rules.yml" >"$run/promtool.log" 2>&1 || give_up "the shrunk rules are wrong" promtool
  mapfile -t alerts < <(sed -n 's/^ *- alert: //p' "$rules")
}
# every INTERVAL: prints this interval of ops/prometheus/prometheus.yml in ms, shrunk, but not below
# what a busy machine can keep.
every() {
  local seconds
  seconds=$(sed -n "s/^ *$1: \([0-9]*\)s$/\1/p" "$project/ops/prometheus/prometheus.yml")
  ((scale > 1)) || { echo "${seconds}s" && return; }
  local ms=$((seconds * 1000 / scale))
  echo "$((ms < 500 ? 500 : ms))ms"
}
start_prometheus() {
  step "starting Prometheus with ${#alerts[@]} alerts, their time divided by $scale"
  sed -e "s/scrape_interval: .*/scrape_interval: $(every scrape_interval)/" \
    -e "s/evaluation_interval: .*/evaluation_interval: $(every evaluation_interval)/" \
    -e "s/127.0.0.1:9100/$ingest_admin/" -e "s/127.0.0.1:9101/$consumer_admin/" \
    "$project/ops/prometheus/prometheus.yml" >"$run/prometheus.yml"
  launch prometheus 'Server is ready to receive web requests.' --config.file="$run/prometheus.yml" \
    --storage.tsdb.path="$run/prometheus" --web.listen-address=127.0.0.1:0
  prometheus=127.0.0.1:$(grep -o 'msg="Listening on" address=127.0.0.1:[0-9]*' "$run/prometheus.log" | grep -o '[0-9]*$')
}
# ask EXPRESSION: prints the names of the alerts that it selects now.
ask() {
  curl -sf -m 5 --data-urlencode "query=group by (alertname) ($1)" "http://$prometheus/api/v1/query" |
    grep -o '"alertname":"[^"]*"' | cut -d'"' -f4
}
# Prometheus scrapes nothing for its first 5 s, long enough for shrunk alerts to fire.
is_watching() {
  [[ $(curl -sf -m 5 --data-urlencode 'query=sum(up) unless on () ALERTS' "http://$prometheus/api/v1/query") == *'"2"'* ]]
}
firing() { ask 'ALERTS{alertstate="firing"}'; }

# Writes NAME FROM TO in seconds for each time that an alert fired. A gap of more than three
# evaluations separates two times.
write_episodes() {
  local step_s=0.5
  ((scale > 1)) || step_s=15
  curl -sf -m 30 --data-urlencode 'query=group by (alertname) (ALERTS{alertstate="firing"})' \
    -d "start=$begun&end=$EPOCHREALTIME&step=$step_s" \
    "http://$prometheus/api/v1/query_range" | sed 's/{"metric"/\n&/g' | grep '"alertname"' |
    awk -v step="$step_s" '{
      match($0, /"alertname":"[^"]*"/)
      name = substr($0, RSTART + 13, RLENGTH - 14)
      first = last = 0
      while (match($0, /\[[0-9.]+,"/)) {
        time = substr($0, RSTART + 1, RLENGTH - 3)
        $0 = substr($0, RSTART + RLENGTH)
        if (last && time - last > 3 * step) { printf "%s %.1f %.1f\n", name, first, last; first = 0 }
        if (!first) first = time
        last = time
      }
      printf "%s %.1f %.1f\n", name, first, last
    }' >"$run/episodes.txt"
}

# ---- Faults: caused, then undone, then settled: none of their alerts fires any more.

# fault ID WHAT ALERTS [ALONG]: notes that the fault is caused now. ALERTS must fire; those in ALONG
# may.
fault() {
  step "$2"
  what[$1]=$2 must[$1]=$3 along[$1]=${4-} made[$1]=$EPOCHREALTIME
  faults_made+=("$1")
}
patience() { echo $((60 + 4500 / scale)); }
# await ID [ALERT…]: waits until they have fired; by default all of its alerts.
await() {
  local id=$1 alert
  shift
  local -a wanted
  read -ra wanted <<<"${*:-${must[$id]}}"
  until fired_since "${made[$id]}" "${wanted[@]}"; do
    ((EPOCHSECONDS < ${made[$id]%.*} + $(patience))) || {
      fail "${what[$id]}: not all of ${wanted[*]} fire"
      return 0
    }
    must_go_on 999999 ""
    sleep 0.5
  done
}
# fired_since TIME ALERT…: succeeds if each of them has fired since then, even if it has stopped.
fired_since() {
  local since=$1 alert fired
  shift
  fired=$(ask "max_over_time(ALERTS{alertstate=\"firing\"}[$((EPOCHSECONDS - ${since%.*} + 1))s])" || true)
  for alert; do grep -qx "$alert" <<<"$fired" || return 1; done
}
# taken_back ID: notes that the fault is undone now.
taken_back() { ended[$1]=$EPOCHREALTIME; }
# is_quiet ID: succeeds if none of its alerts fires, except those that another current fault
# explains.
is_quiet() {
  local id alert now others=' '
  now=$(firing || true)
  for id in "${faults_made[@]}"; do
    [[ $id == "$1" || ${settled[$id]-} ]] || others+="${must[$id]} ${along[$id]} "
  done
  for alert in ${must[$1]} ${along[$1]}; do
    if [[ $others != *" $alert "* ]] && grep -qx "$alert" <<<"$now"; then return 1; fi
  done
}
settle_fault() { # ID…
  local id
  for id; do
    wait_until "$(patience)" is_quiet "$id" || fail "${what[$id]}: undone, but its alerts still fire: $(firing | paste -sd' ')"
    settled[$id]=$EPOCHREALTIME
  done
}

# ---- Judgement

# Prints why an alert cannot be caused.
not_made() {
  case $1 in
    RecordsSetAside) echo "takes a broker with ACLs, or a second node: tests/broker/consumer/lane" ;;
    ProviderHoldsItsCallbacks) echo "only a defect of ingest raises it" ;;
    ProviderIsSilent) ((scale > 1)) || echo "takes a day" ;;
  esac
}
# Prints the first time that ALERT fired between FROM and TO, and when it stopped: "FIRST LAST".
first_episode() {
  awk -v name="$1" -v from="$2" -v to="$3" '$1 == name && $3 >= from && $2 <= to { print $2, $3; exit }' "$run/episodes.txt"
}
# Prints the end of the alert's last time that began before TO.
last_end() { awk -v name="$1" -v from="$2" -v to="$3" '$1 == name && $3 >= from && $2 <= to { last = $3 } END { print last }' "$run/episodes.txt"; }
minus() { awk -v a="$1" -v b="$2" 'BEGIN { d = a - b; printf "%.0f", d < 0 ? 0 : d }'; }

print_alerts() {
  local format='%-30s %-62s %10s %10s\n' alert id first end reason rows
  # shellcheck disable=SC2059
  printf "$format" alert fault 'fires, s' 'resolves, s'
  for alert in "${alerts[@]}"; do
    rows=0
    for id in "${faults_made[@]}"; do
      [[ " ${must[$id]} " == *" $alert "* ]] || continue
      rows=1
      first=$(first_episode "$alert" "${made[$id]}" "${settled[$id]}" | cut -d' ' -f1)
      end=$(last_end "$alert" "${made[$id]}" "${settled[$id]}")
      [[ ! $first ]] || first=$(minus "$first" "${made[$id]}")
      [[ ! $end ]] || end=$(minus "$end" "${ended[$id]}")
      # shellcheck disable=SC2059
      printf "$format" "$alert" "${what[$id]}" "${first:-NEVER}" "${end:--}"
    done
    ((!rows)) || continue
    reason=$(not_made "$alert")
    [[ $reason ]] || fail "no fault was caused to raise $alert"
    # shellcheck disable=SC2059
    printf "$format" "$alert" "not made: ${reason:-?}" - -
  done
}
# Whenever an alert began to fire, there must have been a fault that explains it, at that time or at
# most five minutes before.
judge_episodes() {
  local alert from to id known after=$((2 + 300 / scale))
  while read -r alert from to; do
    known=
    for id in "${faults_made[@]}"; do
      [[ " ${must[$id]} ${along[$id]} " == *" $alert "* ]] || continue
      awk -v at="$from" -v from="${made[$id]}" -v to="${settled[$id]}" -v after="$after" \
        'BEGIN { exit !(at >= from && at <= to + after) }' && known=$id
    done
    [[ $known ]] || fail "$alert fired $(minus "$from" "$begun") s after the start for $(minus "$to" "$from") s, without a fault of its own"
  done <"$run/episodes.txt"
}

stay_healthy() {
  step "healthy for $seconds s, $rate callbacks/s with redeliveries"
  local end=$((SECONDS + seconds)) all
  while ((SECONDS < end)); do
    must_go_on $((end + 60)) "the healthy part does not end"
    sleep 1
  done
  all=$(ask "max_over_time(ALERTS{alertstate=\"firing\"}[$((EPOCHSECONDS - ${begun%.*} - 1))s])" | paste -sd' ' || true)
  [[ ! $all ]] || fail "healthy, but these fired: $all"
  # A broker that pauses for 2 s on a busy machine: 1 % of a 10 s window, but not of a 5 min window.
  local excused=none
  ((scale == 1)) || excused=KafkaAcksAreSlow
  all=$(ask "ALERTS{alertname!=\"$excused\"}" | paste -sd' ' || true)
  [[ ! $all ]] || fail "healthy, but pending or firing: $all"
  ! curl -sf -m 5 "http://$prometheus/api/v1/rules" | grep -o '"lastError":"[^"]*"' || fail "a rule cannot be evaluated"
  (($(disposed_of duplicate) > 0 && $(disposed_of published) > 0)) || fail "there was no load"
  echo "healthy for $seconds s with rules $([[ $scale == 1 ]] && echo untouched || echo "$scale times as fast"): $(disposed_of published) results, $(disposed_of duplicate) redeliveries removed, ${#alerts[@]} alerts, ${all:-none of them pending or firing}"
}
