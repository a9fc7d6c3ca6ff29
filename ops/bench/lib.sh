# Shared by the sections of ops/bench/run: sourced, never run. ops/bench/run sets project, bin, run,
# quick, smoke, rounds and seconds.
#
# A row := figure TAB unit TAB median TAB min TAB max TAB compared-with TAB ratio TAB goal LF
#   compared-with, ratio and goal are "-" if there are none; goal is "<= N" or ">= N" for the ratio,
#   or for the median if there is no ratio
# shellcheck shell=bash disable=SC2034,SC2154

children=()
bootstrap=

# ---- Samples and rows

# sample SERIES VALUE: adds a round's value. Compared series get one value each in every round.
sample() { echo "$2" >>"$run/samples/$1"; }

# take SERIES COMMAND…: runs a load that prints one line of JSON. Each number in it becomes a sample
# of SERIES.FIELD.
take() {
  local series=$1 line field number
  line=$("${@:2}") || die "the load $series has failed"
  while IFS=: read -r field number; do
    sample "$series.$field" "$number"
  done < <(grep -oE '"[a-z0-9_]+":[-0-9.e+]+' <<<"$line" | tr -d '"')
}

# spread: prints the numbers on stdin as "median min max".
spread() {
  sort -g | awk '{ v[NR] = $1 } END {
    if (!NR) exit 1
    m = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2
    print m, v[1], v[NR] }'
}

# ratios SERIES OTHER: prints the ratio of each round.
ratios() {
  paste "$run/samples/$1" "$run/samples/$2" |
    awk 'NF != 2 || $2 == 0 { exit 1 } { print $1 / $2 }'
}

# report FIGURE UNIT SERIES [COMPARED-WITH OTHER-SERIES [GOAL]]: prints the row of a series. Without
# COMPARED-WITH, or with "-" and "-", the row has no comparison.
report() {
  local median min max ratio=-
  read -r median min max < <(spread <"$run/samples/$3")
  [[ ${4--} == - ]] || read -r ratio _ < <(ratios "$3" "$5" | spread)
  row "$1" "$2" "$median" "$min" "$max" "${4--}" "$ratio" "${6--}"
}
row() { (IFS=$'\t' && echo "$*"); }

# print_table TITLE: prints the rows on stdin as a table in Markdown.
print_table() {
  printf '\n## %s\n\n' "$1"
  LC_ALL=C awk -F '\t' '
    function width_of(text) { gsub(/[\200-\277]/, "", text); return length(text) }
    function short(x) {
      return x !~ /^[-+0-9.e]+$/ || x == "-" ? x : x >= 1000 ? sprintf("%.0f", x) : sprintf("%.3g", x)
    }
    function met(goal, value,   part) {
      if (goal == "-") return "-"
      split(goal, part, " ")
      return (part[1] == "<=" ? value <= part[2] + 0 : value >= part[2] + 0) ? "yes" : "NO"
    }
    function add(line, text) {
      cell[line, ++columns[line]] = text
      if (width_of(text) > width[columns[line]]) width[columns[line]] = width_of(text)
    }
    function pad(text, w) { while (width_of(text) < w) text = text " "; return text }
    BEGIN {
      n = split("figure|unit|median|min - max|compared with|ratio|goal|met", head, "|")
      for (i = 1; i <= n; ++i) add(0, head[i])
    }
    {
      add(NR, $1); add(NR, $2); add(NR, short($3)); add(NR, short($4) " - " short($5))
      add(NR, $6); add(NR, short($7)); add(NR, $8)
      add(NR, met($8, ($7 == "-" ? $3 : $7) + 0))
    }
    END {
      for (line = 0; line <= NR; ++line) {
        for (i = 1; i <= n; ++i) printf "| %s ", pad(cell[line, i], width[i])
        print "|"
        if (line) continue
        for (i = 1; i <= n; ++i) {
          rule = sprintf("%*s", width[i], "")
          gsub(" ", "-", rule)
          printf "| %s ", rule
        }
        print "|"
      }
    }'
}

describe_machine() {
  local commit
  commit=$(git -C "$project" describe --always --dirty 2>/dev/null || echo unknown)
  cat <<END
date: $(date -u '+%F %H:%M UTC'), commit: $commit, rounds: $rounds of $seconds s
machine: $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(awk '/^MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo), load before: $(cut -d' ' -f1-3 /proc/loadavg)
kernel: $(uname -r), $(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' /etc/os-release)
versions: Kafka $(sed -n 's:.*<kafka.version>\(.*\)</kafka.version>.*:\1:p' "$project/ops/kafka/pom.xml"), $(versions_of librdkafka1 libcurl4 libsqlite3-0 nginx g++)
END
}
# versions_of PACKAGE…: the installed versions.
versions_of() {
  dpkg-query -W -f '${Package} ${Version}\n' "$@" 2>/dev/null | paste -sd, | sed 's/,/, /g'
}

# ---- What runs meanwhile

# background NAME COMMAND…: writes output to $run/NAME.log; sets `pid`. `end PID` stops it, or the
# end of ops/bench/run.
background() {
  local log=$run/$1.log
  "${@:2}" </dev/null >"$log" 2>&1 &
  pid=$!
  children+=("$pid")
}
end() {
  kill "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
  local child left=()
  for child in "${children[@]}"; do [[ $child == "$1" ]] || left+=("$child"); done
  children=("${left[@]}")
}
end_everything() {
  local child directory
  for child in "${children[@]}"; do kill -KILL "$child" 2>/dev/null || true; done
  for directory in "$run"/kafka*/; do
    "$project/ops/kafka/stop" --now --dir "$directory" || true
  done
}

# await_logged NAME FIELD: waits until the program has logged this number; sets `value`.
await_logged() {
  wait_until 20 grep -q "\"$2\":" "$run/$1.log" || die "$1 has not started; see $run/$1.log"
  value=$(grep -m 1 -o "\"$2\":[0-9]*" "$run/$1.log" | cut -d: -f2)
}

# need_broker: starts one node of Kafka at the first call; sets `bootstrap`. Tests bring their own.
need_broker() {
  [[ ! ${SLUICE_TEST_KAFKA_DIR-} ]] || bootstrap=$(<"$SLUICE_TEST_KAFKA_DIR/bootstrap")
  [[ $bootstrap ]] ||
    bootstrap=$("$project/ops/kafka/start" --fresh --dir "$run/kafka" --owner $$)
}
