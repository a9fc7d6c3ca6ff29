# The section `dedup` of ops/bench/run: sourced, never run. Method: ops/bench/dedup.cc.
# shellcheck shell=bash disable=SC2154
programs+=(bench-dedup)

bench_dedup() {
  local millions=(1 10 50) subject million round turns
  ((!quick && !smoke)) || millions=(1)
  for million in "${millions[@]}"; do
    # A round with 50 million keys takes two minutes.
    turns=$((million > 10 ? 1 : million > 1 && rounds > 3 ? 3 : rounds))
    for ((round = 1; round <= turns; ++round)); do
      for subject in table absl; do sample_dedup "$subject" "$million"; done
    done
    report_dedup "$million"
  done
}

# sample_dedup SUBJECT MILLIONS
sample_dedup() {
  local status=0 figures names=(bytes resident peak insert hit miss expire) i
  figures=$("$bin/bench-dedup" "$1" "${2}000000") || status=$?
  if ((status == 3)); then # Built without absl.
    say "bench-dedup was built without absl (libabsl-dev): nothing to compare with"
    return
  fi
  ((status == 0)) || die "bench-dedup $1 has failed"
  read -r -a figures <<<"$figures"
  for i in "${!names[@]}"; do sample "dedup_$1_$2_${names[i]}" "${figures[i]}"; done
}

# report_dedup MILLIONS
report_dedup() {
  local series figure unit goal=-
  [[ $1 != 10 ]] || goal="<= 24"
  # The goal applies to the median, so this row has no comparison.
  report "bytes a key, $1 M keys" B "dedup_table_$1_resident" - - "$goal"
  for series in bytes peak insert hit miss expire; do
    case $series in
      bytes) figure="… as the table computes them" unit=B ;;
      peak) figure="… at most while it grew (one table; there is one for each partition)" unit=B ;;
      insert) figure="insert, $1 M keys" unit=ns ;;
      expire) figure="one key in, one expired" unit=ns ;;
      *) figure=$series unit=ns ;;
    esac
    if [[ -e $run/samples/dedup_absl_$1_$series ]]; then
      report "$figure" "$unit" "dedup_table_$1_$series" flat_hash_map "dedup_absl_$1_$series"
    else
      report "$figure" "$unit" "dedup_table_$1_$series"
    fi
  done
}
