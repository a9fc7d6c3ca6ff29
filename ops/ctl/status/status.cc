#include "ops/ctl/status/status.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/runtime/shutdown.h"
#include "ops/ctl/instances/instances.h"
#include "ops/ctl/shell/output.h"
#include "ops/ctl/status/status_kafka.h"
#include "ops/ctl/status/status_reading.h"
#include "ops/ctl/status/status_report.h"

namespace ctl {
namespace {

using common::Deadline;
using common::Error;
using common::Remedy;
using common::Result;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kBetweenRounds{2};
/// How long to wait for an open transaction to end. Rounds add up their waits.
constexpr milliseconds kPatienceOfARound{500};
constexpr std::string_view kHomeAndErase = "\x1b[H\x1b[2J";

Tone ToneOf(const StatusVerdict& verdict) {
  if (verdict.IsWell()) return Tone::kGood;
  return verdict.troubles.empty() ? Tone::kDoubtful : Tone::kBad;
}

Result<int> ShowStatus(const Arguments& arguments, Output& output) {
  const Result<ClusterSettings> settings = ReadClusterSettings(arguments);
  if (!settings) return settings.error();
  const bool is_watch = arguments.Has("--watch");

  const common::Shutdown shutdown;  // Before the clients: it blocks signals in their threads.
  const auto reader = StatusReader::Open(*settings);
  if (!reader) return reader.error();
  std::optional<KafkaFacts> before;
  Deadline::Clock::time_point before_at;
  while (true) {
    const auto next_round = Deadline::After(kBetweenRounds);
    const auto looked_at = Deadline::Clock::now();
    StatusFacts facts =
        ReadStatus(*reader.value(), *settings, arguments,
                   is_watch ? kPatienceOfARound : kStatusPatience, shutdown.token());
    if (shutdown.IsRequested()) return 0;
    if (const auto error = WhyNothingIsKnown(facts); error && !is_watch) return *error;
    if (before && facts.kafka) {
      const auto elapsed = std::chrono::duration_cast<milliseconds>(looked_at - before_at);
      facts.rates = RatesBetween(*before, *facts.kafka, elapsed);
    }
    const StatusVerdict verdict = Judge(facts);
    if (output.is_json) {
      output.out << RenderStatusJson(facts, verdict);
    } else {
      if (is_watch && output.is_terminal) output.out << kHomeAndErase;
      output.out << PaintFirstLine(output, ToneOf(verdict), RenderStatus(facts, verdict));
      if (is_watch) output.out << "\n" << common::FormatRfc3339(facts.now) << "\n";
    }
    output.out.flush();
    const int status = ExitStatusOf(facts, verdict);
    before = std::move(facts.kafka);
    before_at = looked_at;
    if (!is_watch) return status;
    if (shutdown.WaitUntil(next_round)) return 0;
  }
}

}  // namespace

std::vector<Command> StatusCommands() {
  return {
      {"status",
       "shows whether all is well and, if not, why: members and their partitions, lag and waiting\n"
       "time, open transactions, dead letters, the last result, and the state of the instances.\n"
       "Status 0: all is well; 3: it is not; 1: Kafka did not answer, or only in part",
       {InstanceOption(), {"--watch", "", "repeats every 2 s until it is interrupted"}},
       ShowStatus}};
}

}  // namespace ctl
