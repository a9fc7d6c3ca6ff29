#include "consumer/kafka/forgotten_transactions.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "consumer/kafka/stuck_restore.h"

namespace consumer {
namespace {

using common::Deadline;

/// Attempts until a restore is reported again. A transaction that is too young at one attempt is
/// ended at the next.
constexpr int kTriesToEnd = 6;

}  // namespace

void ForgottenTransactions::Look(LogReader& reader, const std::vector<Partition>& partitions,
                                 const NewDeadline& new_deadline) {
  if (partitions.empty()) return;
  const common::TopicNames& topics = settings_.topics;
  const std::optional<int> dead_partitions = dead_partitions_.Ask(reader, new_deadline());
  const std::vector<Partition> dead = common::AllPartitions(dead_partitions.value_or(0));
  const auto all = {std::pair(topics.processes, partitions), std::pair(topics.seen, partitions),
                    std::pair(topics.dead, dead)};
  std::set<ForgottenWatch::Place> watched;
  for (const auto& [topic, places] : all) {
    for (const Partition partition : places) watched.emplace(topic, partition);
  }
  if (!dead_partitions) watched.emplace(topics.dead, std::nullopt);
  exchange_.LooksAt(std::move(watched));
  for (const auto& [topic, places] : all) {
    const OpenPartitions found = reader.LookForOpen(topic, places, new_deadline());
    if (topic == topics.dead) dead_partitions_.Saw(found);
    exchange_.Saw(topic, found, Deadline::Clock::now());
  }
  Report(reader, new_deadline);
}

void ForgottenTransactions::Report(LogReader& reader, const NewDeadline& new_deadline) {
  if (!report_due_.HasPassed()) return;
  const std::vector<ForgottenWatch::Standing> all = exchange_.FindForgotten();
  if (all.empty()) return;
  report_due_ = Deadline::After(stuck_after_);
  for (const ForgottenWatch::Standing& standing : all) {
    LogForgotten(log_, settings_, standing,
                 reader.NameAt(standing.topic, standing.partition, standing.at, new_deadline()));
  }
}

// The restore may have waited for another reason, and the transaction may be about to end.
bool ForgottenTransactions::IsForgotten(const StuckRestore& stuck) {
  const std::string& topic =
      stuck.awaiting == Awaiting::kResults ? settings_.topics.processes : settings_.topics.seen;
  return std::ranges::any_of(
      exchange_.FindForgotten(), [&](const ForgottenWatch::Standing& standing) {
        return standing.topic == topic && standing.partition == stuck.partition;
      });
}

void ForgottenTransactions::End(LogReader& reader, const std::vector<StuckRestore>& stuck,
                                const std::function<void()>& beat, const std::stop_token& stop) {
  if (!end_due_.HasPassed()) return;
  const Deadline enough = Deadline::After(stuck_after_);
  for (const StuckRestore& one : stuck) {
    if (stop.stop_requested() || enough.HasPassed() || !exchange_.IsWanted(one.partition)) break;
    if (!IsForgotten(one)) continue;
    if (auto ended = ender_.TryEnd(reader, one, beat)) exchange_.Ended(*std::move(ended));
  }
  end_due_ = Deadline::After(stuck_after_ / kTriesToEnd);
}

}  // namespace consumer
