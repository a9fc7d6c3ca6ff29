#include "consumer/lane/task.h"

#include <algorithm>
#include <utility>

namespace consumer {
namespace {

/// Record times of a partition ascend, except for clock differences between its leaders.
constexpr std::chrono::hours kClockSlack{1};
}  // namespace

void Task::Restored(RestoredPartition restored) {
  state_ = State::kRunning;
  table_ = std::move(restored.table);
  tracker_.emplace(restored.start, restored.basis.last);
  partitions_ = restored.basis.partitions;
  published_until_ = restored.published_until;
  handed_over_ = restored.committed;
  committed_ = restored.committed;
}

common::WallTime Task::EffectiveTime(common::WallTime record_time) const {
  return std::max(record_time, latest_ - kClockSlack);
}

bool Task::IsKnown(const common::Identity& identity, common::WallTime judged_at,
                   std::chrono::seconds window) const {
  return in_hand_.contains(identity) || table_.Holds(identity, judged_at, window);
}

bool Task::IsDuplicate(const Arrival& arrival) const {
  const auto& windows = arrival.windows;
  return IsKnown(arrival.identity, arrival.judged_at, windows.identity) ||
         (arrival.event && IsKnown(*arrival.event, arrival.judged_at, windows.event)) ||
         (arrival.reconciled &&
          table_.Holds(*arrival.reconciled, arrival.judged_at, windows.identity));
}

void Task::TakeInHand(const Arrival& arrival) {
  in_hand_.insert(arrival.identity);
  if (arrival.event) in_hand_.insert(*arrival.event);
  if (arrival.no_row) in_hand_.insert(*arrival.no_row);
}

void Task::HasPassed(common::WallTime time, common::WallTime now) {
  latest_ = std::max(latest_, std::min(time, now));
  table_.RaiseFloor(latest_ - reach_ - kClockSlack);
}

Task::DedupResult Task::Admit(const Arrival& arrival, common::WallTime now) {
  const Offset offset = arrival.offset;
  if (state_ != State::kRunning || offset < tracker_->NextToRead()) return DedupResult::kIgnored;
  HasPassed(arrival.record_time, now);
  pauses_.Read(tracker_->LastRead(), arrival.read_at);
  if (IsDuplicate(arrival)) {
    tracker_->Pass(offset, arrival.record_time);
    return DedupResult::kDuplicate;
  }
  const bool is_behind = arrival.reconciled && reconciling_.contains(*arrival.reconciled);
  if (!is_behind && MustPassOver(arrival)) {
    PassOver(arrival);
    return DedupResult::kPassedOver;
  }
  tracker_->Take(offset, arrival.record_time);
  // As a duplicate its offset could be committed before the result that it repeats.
  if (is_behind) return DedupResult::kBehind;
  TakeInHand(arrival);
  return DedupResult::kFirst;
}

bool Task::MustPassOver(const Arrival& arrival) const {
  return arrival.account && (!arrival.has_room || passed_over_.contains(*arrival.account));
}

void Task::PassOver(const Arrival& arrival) {
  tracker_->PassOver(arrival.offset, arrival.record_time);
  const auto [passed_over, is_first] = passed_over_.try_emplace(*arrival.account);
  if (is_first) passed_over->second.since = arrival.read_at;
  ++passed_over->second.count;
}

Task::DedupResult Task::AdmitAgain(const Arrival& arrival) {
  if (IsDuplicate(arrival)) {
    tracker_->Discard(arrival.offset);
    return DedupResult::kDuplicate;
  }
  TakeInHand(arrival);
  return DedupResult::kFirst;
}

common::OffsetMetadata Task::Basis() const {
  common::OffsetMetadata basis{.partitions = partitions_, .last = tracker_->Witness()};
  for (const common::OffsetWitness& one : pauses_.unchecked()) {
    if (basis.last && one.offset < basis.last->offset) basis.unchecked.push_back(one);
  }
  return basis;
}

void Task::Committed(const common::Identity& identity, common::WallTime marked_at) {
  in_hand_.erase(identity);
  table_.Insert(identity, marked_at);
}

void Task::BatchCommitted() {
  if (tracker_) tracker_->Confirm();
  committed_ = handed_over_;
}

void Task::Reopen() {
  if (tracker_) tracker_->Reopen();
  handed_over_ = committed_;
}

}  // namespace consumer
