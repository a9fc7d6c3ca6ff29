#include "consumer/lane/batch_records.h"

#include <cstddef>
#include <string>
#include <utility>

#include "common/domain/key_partition.h"
#include "common/domain/reconciled.h"

namespace consumer {
namespace {

OutgoingRecord MarkerOf(const Completion& completion, const common::Identity& identity,
                        common::WallTime timestamp) {
  OutgoingRecord marker{.topic = OutgoingTopic::kSeen,
                        .partition = completion.partition,
                        .timestamp = timestamp,
                        .key = std::string(identity.view()),
                        .value = {},
                        .headers = common::MarkerHeaders(completion.outcome)};
  const auto add = [&](std::string_view name, std::string_view value) {
    marker.headers.push_back({std::string(name), std::string(value)});
  };
  if (!completion.is_fetched) add(common::header::kFetch, common::kFetchNone);
  if (completion.is_reconciled) add(common::kReconciledHeader, common::kReconciledValue);
  add(common::kKeyHashHeader, common::ToHashText(completion.key_hash));
  if (timestamp != completion.marked_at) {
    add(common::header::kRecordTime, common::FormatRfc3339(completion.marked_at));
  }
  return marker;
}

}  // namespace

void AddRecords(Batch& batch, Completion& completion, const MarkerClock& clock,
                common::WallTime wall_now) {
  const common::WallTime timestamp = clock.TimestampOf(completion.marked_at, wall_now);
  if (completion.has_record()) batch.records.push_back(std::exchange(completion.record, {}));
  batch.records.push_back(MarkerOf(completion, completion.identity, timestamp));
  if (completion.event) batch.records.push_back(MarkerOf(completion, *completion.event, timestamp));
  for (const common::Identity& identity : completion.more) {
    batch.records.push_back(MarkerOf(completion, identity, timestamp));
  }
}

void RemoveRecords(Batch& batch, std::vector<Completion>& completions) {
  std::size_t first = 0;
  for (Completion& completion : completions) {
    if (completion.has_record()) completion.record = std::move(batch.records.at(first));
    first += completion.records();
  }
}

Suspicions SuspicionsOf(const Batch& batch, const std::vector<Completion>& completions,
                        const std::vector<Refusal>& refusals) {
  Suspicions suspicions(completions.size());
  std::vector<std::size_t> owners;  // Of the batch's records.
  owners.reserve(batch.records.size());
  for (std::size_t i = 0; i < completions.size(); ++i) {
    owners.insert(owners.end(), completions[i].records(), i);
  }
  for (const Refusal& refusal : refusals) {
    const std::size_t at = owners.at(refusal.position);
    auto& suspicion = suspicions.at(at);
    const bool tells_more =
        !suspicion || (ConcernsPartition(refusal.reason) && !ConcernsPartition(suspicion->reason));
    if (!tells_more) continue;
    const OutgoingTopic topic = batch.records.at(refusal.position).topic;
    suspicion = {PlaceOf(topic, completions.at(at).partition), refusal.reason};
  }
  return suspicions;
}

}  // namespace consumer
