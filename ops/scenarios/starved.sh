# ops/soak starved: twelve producers of results, kills, freezes and broker kills on a machine that has
# no time for them. Sourced by ops/soak, never run; with ops/scenarios/consumers.sh.
# shellcheck shell=bash disable=SC2004,SC2034,SC2154

busy_loops=4
patience=75      # Seconds for what was going on; longer than a transaction without an owner is open.
own_healing=150  # More of them for consumer to end by itself what Kafka has forgotten.

keep_busy() {
  local i
  for ((i = 0; i < busy_loops; ++i)); do
    timeout 900 sh -c 'while :; do :; done' &
    hogs+=($!)
    disown $!
  done
}
let_be() {
  ((!${#hogs[@]})) || kill "${hogs[@]}" 2>/dev/null || true
  hogs=()
}

# ---- Faults: all drawn before the first one happens, so that a seed names them.

# Lines TENTHS KIND VICTIM TENTHS-LONG. Of three brokers one after the other is killed while instances come and go.
# Where a partition has one copy, the broker stays away until the others, and the coordinators among them, know
# that it has no leader: what ends on it then, Kafka 4.3 and 4.4 forget.
plan_brokers() {
  local at node=0
  draw 50 90
  for ((at = drawn; at < 420; at += drawn)); do
    if ((copies < nodes)); then draw 60 110; else draw 0 30; fi
    echo "$at broker $((node++ % nodes + 1)) $drawn"
    draw 70 90
  done
}
plan_instances() {
  local at
  draw 20 50
  for ((at = drawn; at < 420; at += drawn)); do
    plan_instance "$at" 30
    draw 50 100
  done
}
# plan_instance AT MOST: one is frozen, or killed for as long as that at most.
plan_instance() {
  local victim
  draw 1 "${#instances[@]}"
  victim=${instances[drawn - 1]}
  draw 0 2
  if ((drawn)); then
    draw 0 "$2" && echo "$1 kill $victim $drawn"
  else
    draw 5 25 && echo "$1 freeze $victim $drawn"
  fi
}
# The only broker is killed when an instance has just gone or come back, which ends transactions, or
# stands still until its controller takes it for dead: then they end while partitions have no leader.
plan_round() {
  local at
  draw 20 50 && at=$drawn
  plan_instance "$at" 10
  draw 0 25 && at=$((at + drawn))
  draw 0 1
  if ((drawn)); then
    draw 0 10 && echo "$at broker 1 $drawn"
  else
    draw 0 40 && echo "$at pause 1 $drawn"
  fi
}
write_plan() {
  local round
  RANDOM=$seed
  if ((nodes > 1)); then
    rounds=1
    plan_brokers >"$run/plan.1"
    plan_instances >>"$run/plan.1"
  else
    rounds=3
    for ((round = 1; round <= rounds; ++round)); do plan_round >"$run/plan.$round"; done
  fi
}

fault_pause() { # NODE TENTHS: past the 4 s after which its partitions lose their leader
  signal_node STOP "$1"
  sleep "$(tenths $((45 + $2)))"
  signal_node CONT "$1"
}

# What a supervisor does with an instance that has ended by itself. Kafka may take a member that joins
# again, because the answer did not come, for another one of its name: the instance ends with status 1.
revive() {
  ! is_running "$1" || return 0
  grep -q '"consumer.cannot_run"' "$run/$1.log" || give_up "$1 has ended without a word" "$1"
  mv "$run/$1.log" "$run/$1.ended-$SECONDS.log"
  start_instance "$1"
  tally[ended]=$((${tally[ended]-0} + 1))
}

# follow_plan ROUND: a fault waits until the last one at the same victim is over. Brokers count as one.
follow_plan() {
  local begun at kind victim long key
  begun=$(date +%s%N)
  while read -r at kind victim long <&5; do
    while (($(date +%s%N) < begun + at * 100000000)); do sleep 0.1; done
    key=$victim
    [[ $kind != broker && $kind != pause ]] || key=broker
    settle "$key"
    [[ $key == broker ]] || revive "$victim"
    "fault_$kind" "$victim" "$long" 5<&- &
    busy[$key]=$!
    tally[$kind]=$((${tally[$kind]-0} + 1))
  done 5< <(sort -s -n "$run/plan.$1")
  for key in "${instances[@]}" broker; do settle "$key"; done
}
# Where it is not, something hangs, and no more faults are needed.
is_at_work() {
  local name
  for name in "${instances[@]}"; do revive "$name"; done
  for name in "${instances[@]}"; do is_ready "$(admin_of "$name")" || return 1; done
}
inflict_all() {
  local round
  for ((round = 1; round <= rounds; ++round)); do
    step "  round $round of $rounds"
    follow_plan "$round"
    wait_until 45 is_at_work || return 0
  done
}

# ---- What hangs

# ends_of TOPIC ISOLATION: PARTITION OFFSET, where a reader of that isolation comes to its end.
ends_of() {
  timeout 120 kcat -b "$bootstrap" -C -e -o beginning -t "$1" -f '' -X "isolation.level=$2" 2>&1 >/dev/null |
    sed -n 's/^% Reached end of topic [^ ]* \[\([0-9]*\)\] at offset \([0-9]*\).*/\1 \2/p' | sort -n
}
# TOPIC:PARTITION OPEN-AT, of each partition that a transaction keeps from being read to its end.
open_partitions() {
  local topic
  for topic in processes callbacks.seen callbacks.dead; do
    join <(ends_of "$prefix$topic" read_committed | sort) <(ends_of "$prefix$topic" read_uncommitted | sort) |
      awk -v topic="$prefix$topic" '$2 < $3 { print topic ":" $1, $2 }'
  done
}
# The partitions whose restore does not come to its end, by number: the last words of who lives.
stuck_partitions() {
  local name
  for name in "${instances[@]}"; do
    consumer_admin=$(admin_of "$name")
    [[ $(gauge 'partitions{state="stuck"}') != 0 ]] || continue
    grep '"event":"restore.stuck"' "$run/$name.log" | grep -o '"partition":[0-9]*' | cut -d: -f2
  done | sort -nu
}
note_what_hangs() {
  open_partitions >"$run/open.txt"
  stuck_partitions >"$run/stuck.txt"
}
anything_hangs() { [[ -s $run/open.txt || -s $run/stuck.txt ]]; }
is_over() { is_at_work && is_all_disposed_of && note_what_hangs && ! anything_hangs; }

# What sluicectl can do about it: the operator's one command.
end_transactions() {
  [[ $("$bin/sluicectl" --help 2>&1) == *"transactions end"* ]] || {
    say "  sluicectl has no command for that"
    return 0
  }
  local targets
  "$bin/sluicectl" transactions --config "$run/consumer.yaml" >"$run/transactions.txt" 2>&1 || true
  mapfile -t targets < <(cut -d' ' -f1 "$run/open.txt")
  ((${#targets[@]})) || return 0
  "$bin/sluicectl" transactions end --config "$run/consumer.yaml" "${targets[@]}" >"$run/ended.txt" 2>&1 || true
  sed 's/^/  /' "$run/ended.txt" >&2
}

# hung: no, program, command or not: what ended what hung, if anything did.
await_end() {
  hung=no
  if wait_until "$patience" is_over; then
    [[ $(seen restore.stuck) == 0 ]] || hung=program
    return
  fi
  note_what_hangs
  anything_hangs || say "  nothing is open, but not everything is handled"
  say "  hangs: $(cut -d' ' -f1 "$run/open.txt" | paste -sd' ') stuck:$(paste -sd' ' "$run/stuck.txt")"
  hung=program
  if wait_until "$own_healing" is_over; then return; fi
  hung='command'
  step "  it does not end by itself: sluicectl transactions end"
  end_transactions
  if wait_until "$patience" is_over; then return; fi
  hung=not
  note_what_hangs
}

# ---- Judgement

# From the topics alone. What is missing on a partition that stands is held up, not lost.
judge_starved() {
  local stands
  read_results
  cut -f1 "$run/deliveries.txt" | sort -u >"$run/expected.txt"
  twice=$(uniq -d "$run/results.txt" | tee "$run/twice.txt" | wc -l)
  comm -23 "$run/expected.txt" <(uniq "$run/results.txt") >"$run/missing.txt"
  stands=$({ cut -d' ' -f1 "$run/open.txt" | sed 's/.*://' && cat "$run/stuck.txt"; } | sort -u | paste -sd'|')
  held=0
  if [[ $hung == not && $stands ]]; then
    held=$(read_topic "${prefix}callbacks" '%k %p\n' | grep -E " ($stands)\$" | cut -d' ' -f1 | sort -u |
      comm -12 - "$run/missing.txt" | wc -l)
  fi
  lost=$(($(wc -l <"$run/missing.txt") - held))
}

soak_starved() {
  nodes=${nodes_wanted:-1} copies=${copies:-$nodes} rate=${rate:-240} callbacks=${callbacks:-$((rate * 25))}
  redeliveries=1 instances=(consumer.1 consumer.2 consumer.3) programs=(consumer.1 consumer.2 consumer.3 assure-sim)
  local name twice lost held hung rounds
  step "run with seed $seed: $nodes node(s), $copies of each partition, $busy_loops busy loops"
  start_broker
  replication=$copies
  start_api
  write_instances
  # A producer for each partition, and short transactions: a broker that is killed is likely to be
  # ending one.
  sed -i -e 's/^lanes: .*/lanes: 4/' -e '2i commit_interval: 10ms' "$run"/consumer.?.yaml
  create_topics
  list_deliveries
  write_plan
  for name in "${instances[@]}"; do start_instance "$name"; done
  for name in "${instances[@]}"; do
    wait_until 60 is_ready "$(admin_of "$name")" || give_up "$name is not ready" "$name"
  done
  keep_busy
  write_callbacks >"$run/writer.log" 2>&1 &
  writer=$!
  inflict_all
  touch "$run/hurry"
  # What a broker did not take is written again, with the rest: they are redeliveries.
  wait "$writer" || write_callbacks >>"$run/writer.log" 2>&1 || give_up "the callbacks could not be written" writer
  writer=
  let_be
  step "no more faults; waiting until everything is handled"
  await_end
  judge_starved
  cat >"$run/verdict" <<END
seed=$seed twice=$twice lost=$lost held=$held dead=$dead hung=$hung
END
  echo "seed $seed, $nodes node(s), $copies of each partition: ${tally[kill]-0} kills, ${tally[freeze]-0} freezes, ${tally[broker]-0} brokers killed, ${tally[pause]-0} paused, ${tally[ended]-0} instances ended and restarted; $callbacks callbacks, $markers markers, $twice results twice, $lost lost, $held held up, $dead dead letters; $(tell_hung "$hung")"
  ((!twice)) || fail "$twice results are there twice"
  ((!lost)) || fail "$lost callbacks have no result"
  ((!dead)) || fail "$dead dead letters"
  if [[ $hung == not ]]; then
    fail "something still hangs: $(paste -sd' ' "$run/open.txt") stuck:$(paste -sd' ' "$run/stuck.txt")"
  else
    audit_all
  fi
}
tell_hung() {
  case $1 in
    no) echo "nothing hung" ;;
    program) echo "hung, healed by the program" ;;
    command) echo "hung, healed by one command" ;;
    *) echo "hung, not healed" ;;
  esac
}

# Each run is a process of its own, so that one which cannot go on does not end the others.
soak_starved_again() {
  local i status failed=0 options=(--nodes "${nodes_wanted:-1}" --bin "$bin")
  [[ ! $copies ]] || options+=(--copies "$copies")
  [[ ! $rate ]] || options+=(--rate "$rate")
  [[ ! $callbacks ]] || options+=(--callbacks "$callbacks")
  mkdir -p "$run"
  for ((i = 0; i < runs; ++i)); do
    status=0
    "$0" starved --seed $((seed + i)) "${options[@]}" || status=$?
    # The logs stay; the records only of a run that is to be looked at.
    if ((status)); then failed=$((failed + 1)); else rm -rf "$run/seed-$((seed + i))/kafka"; fi
  done
  for ((i = 0; i < runs; ++i)); do
    cat "$run/seed-$((seed + i))/verdict" 2>/dev/null || echo "seed=$((seed + i)) hung=unfinished"
  done >"$run/verdicts.txt"
  # Sums and counts over the runs.
  tr ' ' '\n' <"$run/verdicts.txt" | awk -F= -v runs="$runs" -v nodes="${nodes_wanted:-1}" -v copies="${copies:-${nodes_wanted:-1}}" -v failed="$failed" '
    $1 == "hung" { hung[$2]++; next }
    { sum[$1] += $2 }
    END {
      printf "%d runs of %d node(s), %d of each partition: %d results twice, %d lost, %d held up, %d dead letters; ", runs, nodes, copies, sum["twice"], sum["lost"], sum["held"], sum["dead"]
      printf "%d hung: %d healed by the program, %d by one command, %d not; ", hung["program"] + hung["command"] + hung["not"], hung["program"], hung["command"], hung["not"]
      printf "%d did not finish; %d failed\n", hung["unfinished"], failed
    }'
  ((!failed))
}
