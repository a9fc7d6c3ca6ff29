# Shrinks the times in Prometheus rules: awk -v scale=30 -v day=8 -f scale_rules.awk sluice.rules.yml
#
#   for: 5m, [10m], offset 1d   divided by scale, written in ms
#   > 900                       divided by scale if it is a waiting time
#
# ProviderIsSilent compares with the day before, so its times are shrunk `day` times more. Three
# restarts of a broker must fit into the time of ProducerRebuilt, so it is shrunk a third as much.
# Everything else stays, including thresholds that do not depend on time:
#
#   KafkaAcksAreSlow            2 s of a broker are 2 s of ingest's 4 s, whatever the scale
#   HalfOfTheRetriesAreGone     a share of the configured schedule
#   ProviderHoldsItsCallbacks   ReadID's hour, on the wall clock
#   counts                      of callbacks, restarts, transactions: more of them in less time
BEGIN {
  ms["s"] = 1000; ms["m"] = 60 * ms["s"]; ms["h"] = 60 * ms["m"]; ms["d"] = 24 * ms["h"]
  waits["SpoolIsOld"] = waits["ResultsAreLate"] = waits["CallbackWaitsForLong"] = waits["RestoreIsSlow"] = 1
}

function shrunk(duration) {
  return int(duration * ms[substr(duration, length(duration))] / factor + 0.5) "ms"
}

# Shrinks the durations of a line, from left to right.
function shrink_durations(line, before) {
  before = ""
  while (match(line, /(for: |\[|offset )[0-9]+[smhd]/)) {
    found = substr(line, RSTART, RLENGTH)
    rest = substr(line, RSTART + RLENGTH)
    before = before substr(line, 1, RSTART - 1)
    match(found, /[0-9]+[smhd]/)
    before = before substr(found, 1, RSTART - 1) shrunk(substr(found, RSTART))
    line = rest
  }
  return before line
}

$1 == "-" && $2 == "alert:" {
  alert = $3
  factor = scale * (alert == "ProviderIsSilent" ? day : alert == "ProducerRebuilt" ? 1 / 3 : 1)
}
$1 == "summary:" { print; next }
{
  line = shrink_durations($0)
  if (alert in waits && match(line, /> [0-9]+/)) {
    line = substr(line, 1, RSTART + 1) substr(line, RSTART + 2, RLENGTH - 2) / scale substr(line, RSTART + RLENGTH)
    delete waits[alert]
  }
  print line
}
END {
  for (alert in waits) {
    print alert " has no threshold any more" >"/dev/stderr"
    exit 1
  }
}
