#include "consumer/lane/outgoing_records.h"

#include <optional>
#include <utility>

namespace consumer {

namespace {

OutgoingRecord OnProcesses(Partition partition, ResultRecord result) {
  return {.topic = OutgoingTopic::kProcesses,
          .partition = partition,
          .timestamp = std::nullopt,
          .key = std::move(result.key),
          .value = std::move(result.value),
          .headers = std::move(result.headers)};
}

}  // namespace

OutgoingRecord ResultOf(const PendingCallback& callback, const Fetched& fetched,
                        common::FetchEffort effort) {
  const SourceRecord& source = callback.record;
  return OnProcesses(source.partition,
                     MakeResult(callback.facts, source.headers, {source.partition, source.offset},
                                {fetched.process, fetched.dossier, fetched.fetched_at, effort}));
}

OutgoingRecord ResultOf(const PendingCallback& callback, std::string_view event) {
  const SourceRecord& source = callback.record;
  return OnProcesses(source.partition, MakeEventResult(callback.facts, source.key, source.headers,
                                                       {source.partition, source.offset}, event));
}

OutgoingRecord ResultOf(Partition partition, const ReconciledFacts& facts, const Fetched& fetched,
                        common::FetchEffort effort) {
  return OnProcesses(partition, MakeReconciledResult(facts, {fetched.process, fetched.dossier,
                                                             fetched.fetched_at, effort}));
}

common::DeadLetter LetterOf(const PendingCallback& callback, common::FetchEffort effort,
                            Unfetchable why, const std::string& topic, common::WallTime failed_at) {
  return {.reason = why.reason,
          .attempts = effort.attempts,
          .fetch_time = effort.elapsed,
          .http_status = why.http_status,
          .trace_id = std::move(why.trace_id),
          .failed_at = failed_at,
          .topic = topic,
          .partition = callback.record.partition,
          .offset = callback.record.offset};
}

OutgoingRecord DeadLetterOf(const PendingCallback& callback, const common::DeadLetter& letter) {
  const SourceRecord& source = callback.record;
  return {.topic = OutgoingTopic::kDead,
          .partition = std::nullopt,
          .timestamp = std::nullopt,
          .key = source.key,
          .value = source.value,
          .headers = HeadersOf(source.headers, letter)};
}

}  // namespace consumer
