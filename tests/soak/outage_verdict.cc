#include "tests/soak/outage_verdict.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "common/domain/key_partition.h"
#include "tests/soak/replayed.h"

namespace soak {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

void JudgeAnswers(Run& run, const tests::Delivered& delivered) {
  const auto metrics = tests::MetricsPage::Of(run.pipeline().ingest_admin());
  const auto late = metrics
                        ? metrics->Sum("sluice_ingest_answer_seconds_count") -
                              metrics->Sum("sluice_ingest_answer_seconds_bucket", {{"le", "8.5"}})
                        : 0;
  const double slowest = delivered.SlowestAnswerMs();
  run.Tell("slowest answer: " + std::to_string(std::lround(slowest)) +
           " ms as the providers saw it; " + std::to_string(std::lround(late)) +
           " answers took more than 8.5 s by ingest's histogram");
  constexpr double kLongestMs = 9'000;
  run.FailIf(slowest > kLongestMs, "an answer took longer than 9 s");
  run.FailIf(delivered.Statuses().contains("none"), "some requests were not answered");
  for (const char* provider : {"paper", "connect"}) {
    run.FailIf(delivered.Statuses(provider) != std::set<std::string>{"200"},
               std::string(provider) + " got an answer other than 200");
  }
  for (const std::string& status : delivered.Statuses("readid")) {
    run.FailIf(status != "200" && status != "429", "readid got " + status);
  }
  FailIfAny(run, delivered.Number("penalties"), "penal answers to ReadID");
}

/// A provider may give a callback up if its partition was down for the whole schedule.
void JudgeGivenUp(Run& run, const tests::Delivered& delivered, std::optional<int> dead_partition) {
  std::int64_t of_the_dead = 0;
  for (const tests::SentCallback& callback : delivered.callbacks) {
    const int partition = common::PartitionOf(callback.process_id, kOutagePartitions).number();
    of_the_dead += callback.is_acknowledged || partition != dead_partition ? 0 : 1;
  }
  FailIfAny(run, delivered.CountRefused() - of_the_dead,
            "callbacks were given up by their providers");
  if (of_the_dead > 0) {
    run.Tell(
        std::to_string(of_the_dead) +
        " callbacks of the dead partition were given up by their providers, never answered 200");
  }
}

Replayed ReadTopic(Run& run, const OutageTimes& times, std::optional<int> dead_partition) {
  Replayed replayed(times.kafka_is_there, dead_partition);
  run.pipeline().kafka().ForEach(
      run.pipeline().topics().callbacks, tests::Isolation::kReadCommitted,
      [&](const tests::Record& record) { replayed.Count(record); }, seconds(300));
  return replayed;
}

void JudgeReplay(Run& run, const Replayed& replayed, const OutageTimes& times) {
  const auto& healthy = replayed.healthy();
  run.Tell("seed " + std::to_string(run.seed()) + ": " + Seconds(healthy.last_after) +
           " after Kafka was back all " + std::to_string(healthy.count) +
           " waiting healthy callbacks were on the topic");
  if (times.all_is_there == times.kafka_is_there) return;
  const milliseconds later = times.all_is_there - times.kafka_is_there;
  run.Tell("the dead partition came back " + Seconds(later) + " later; its " +
           std::to_string(replayed.dead().count) + " waiting callbacks were on the topic " +
           Seconds(std::max(milliseconds(0), replayed.dead().last_after - later)) + " after that");
  run.FailIf(healthy.last_after > later, "healthy callbacks waited for the dead partition");
}

void JudgePoison(Run& run, const std::vector<PoisonSender::Sent>& sent, const Replayed& replayed) {
  const auto refused = ReadRefusedKeys(run.pipeline().spool_path());
  std::int64_t not_200 = 0;
  std::int64_t lost = 0;
  for (const auto& [process_id, status] : sent) {
    not_200 += status == 200 ? 0 : 1;
    const bool is_kept = refused.contains(process_id) || replayed.keys().contains(process_id);
    lost += status == 200 && !is_kept ? 1 : 0;
  }
  run.Tell(std::to_string(sent.size()) + " callbacks that Kafka does not accept, " +
           std::to_string(refused.size()) + " are kept as refused");
  FailIfAny(run, not_200, "of them were not answered 200");
  FailIfAny(run, lost, "of them are lost");
}

}  // namespace

void JudgeOutage(Run& run, const Settlement& settlement, const OutageTimes& times,
                 std::optional<int> dead_partition,
                 const std::vector<PoisonSender::Sent>& poisoned) {
  run.Tell(settlement.delivered.report);
  JudgeAnswers(run, settlement.delivered);
  JudgeGivenUp(run, settlement.delivered, dead_partition);
  const Replayed replayed = ReadTopic(run, times, dead_partition);
  JudgeReplay(run, replayed, times);
  if (!poisoned.empty()) JudgePoison(run, poisoned, replayed);
  JudgeExactlyOnce(run, settlement);
}

}  // namespace soak
