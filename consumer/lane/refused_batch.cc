#include "consumer/lane/refused_batch.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "common/domain/omitted_body.h"

namespace consumer {
namespace {

bool IsRetry(const Completion& completion) {
  return completion.tries && completion.tries->is_place();
}

}  // namespace

std::vector<Completion> RemoveOf(RefusedBatch& batch, const std::set<Partition>& partitions) {
  std::vector<Completion> removed;
  RefusedBatch kept;
  for (std::size_t i = 0; i < batch.completions.size(); ++i) {
    Completion& completion = batch.completions[i];
    if (partitions.contains(completion.partition)) {
      removed.push_back(std::move(completion));
      continue;
    }
    kept.completions.push_back(std::move(completion));
    kept.suspicions.push_back(batch.suspicions[i]);
  }
  batch = std::move(kept);
  return removed;
}

void Retime(RefusedBatch& batch, MarkerClock& clock, common::WallTime wall_now) {
  const auto is_timed = [](const auto& suspicion) {
    return suspicion && suspicion->reason == RefusalReason::kTimestamp;
  };
  if (std::ranges::none_of(batch.suspicions, is_timed)) return;
  if (!clock.GoBack()) return;
  for (std::size_t i = 0; i < batch.completions.size(); ++i) {
    auto& suspicion = batch.suspicions[i];
    if (!is_timed(suspicion)) continue;
    if (suspicion->place.topic != OutgoingTopic::kSeen) {
      batch.completions[i].record.timestamp = clock.TimestampOf(wall_now, wall_now);
    }
    suspicion.reset();
  }
}

std::vector<Completion> Excuse(RefusedBatch& batch) {
  if (std::ranges::none_of(batch.completions, IsRetry)) return {};
  bool is_any_refused = false;
  for (std::size_t i = 0; i < batch.completions.size(); ++i) {
    auto& suspicion = batch.suspicions[i];
    const bool is_late = suspicion && suspicion->reason == RefusalReason::kUnavailable;
    if (is_late && !IsRetry(batch.completions[i])) suspicion.reset();
    is_any_refused = is_any_refused || suspicion;
  }
  if (is_any_refused) return {};
  std::vector<Completion> retries;
  std::vector<Completion> others;
  for (Completion& completion : batch.completions) {
    (IsRetry(completion) ? retries : others).push_back(std::move(completion));
  }
  batch.completions = std::move(others);
  batch.suspicions.assign(batch.completions.size(), std::nullopt);
  return retries;
}

bool IsHopeless(const Completion& completion, const Suspicion& why) {
  return completion.is_reconciled && !ConcernsPartition(why.reason);
}

bool Mend(Completion& completion, const Suspicion& why,
          const std::function<OutgoingRecord(const Completion&)>& unreadable) {
  if (why.place.topic == OutgoingTopic::kProcesses && !ConcernsPartition(why.reason)) {
    completion.outcome = common::MarkerOutcome::kDead;
    completion.record = unreadable(completion);
    return true;
  }
  return why.place.topic == OutgoingTopic::kDead && why.reason == RefusalReason::kTooLarge &&
         common::OmitBody(completion.record.value, completion.record.headers);
}

}  // namespace consumer
