#include "consumer/lane/outbox.h"

#include <set>
#include <utility>

namespace consumer {
void Outbox::Add(Completion completion) {
  waiting_bytes_ += completion.record.bytes();
  waiting_.push_back(std::move(completion));
}

Batch Outbox::Close(Tasks& tasks, common::WallTime now) {
  Batch batch;
  std::set<Partition> touched;
  while (!waiting_.empty() && under_way_.completions.size() < limits_.records &&
         under_way_bytes_ < limits_.bytes) {
    Completion completion = std::move(waiting_.front());
    waiting_.pop_front();
    waiting_bytes_ -= completion.record.bytes();
    under_way_bytes_ += completion.record.bytes();
    tasks.at(completion.partition).Settle(completion.offset);
    touched.insert(completion.partition);
    batch.records.push_back(std::exchange(completion.record, {}));
    batch.records.push_back(MarkerOf(completion, now));
    under_way_.completions.push_back(std::move(completion));
  }
  under_way_.duplicates = std::exchange(duplicates_waiting_, {});
  for (auto& [partition, task] : tasks) {
    if (!touched.contains(partition) && !task.HasMoved()) continue;
    batch.offsets.push_back({partition, task.LowWaterMark(), task.Basis()});
    task.HandedOver();
  }
  return batch;
}

void Outbox::ReplaceByDeadLetter(Batch& batch, std::size_t position,
                                 const std::function<OutgoingRecord(const Completion&)>& make,
                                 common::WallTime now) {
  constexpr std::size_t kRecordsEach = 2;  // The result or dead letter, and its marker.
  Completion& completion = under_way_.completions.at(position / kRecordsEach);
  OutgoingRecord& record = batch.records.at(position / kRecordsEach * kRecordsEach);
  completion.outcome = Outcome::kDead;
  under_way_bytes_ -= record.bytes();
  record = make(completion);
  under_way_bytes_ += record.bytes();
  batch.records.at(position / kRecordsEach * kRecordsEach + 1) = MarkerOf(completion, now);
}

Outbox::Disposed Outbox::Committed() {
  under_way_bytes_ = 0;
  return std::exchange(under_way_, {});
}

OutgoingRecord Outbox::MarkerOf(const Completion& completion, common::WallTime now) const {
  OutgoingRecord marker{.topic = OutgoingTopic::kSeen,
                        .partition = completion.partition,
                        .timestamp = marker_clock_.TimestampOf(completion.record_time, now),
                        .key = std::string(completion.identity.view()),
                        .value = {},
                        .headers = MarkerHeaders(completion.outcome)};
  if (marker.timestamp != completion.record_time) {
    marker.headers.push_back(
        {std::string(common::header::kRecordTime), common::FormatRfc3339(completion.record_time)});
  }
  return marker;
}

void Outbox::Clear() { *this = Outbox(limits_); }

}  // namespace consumer
