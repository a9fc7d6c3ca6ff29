#include <algorithm>

#include "consumer/lane/lane.h"

namespace consumer {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kMeasureEvery{250};

}  // namespace

void Lane::Measure() {
  measure_at_ = now_ + kMeasureEvery;
  const std::optional<GroupMembership> membership = ports_.source.Membership();
  Standing standing{.member_id = membership ? membership->member_id : std::string()};
  for (const auto& [partition, task] : tasks_) {
    if (task.state() == Task::State::kRunning) standing.positions[partition] = task.Position();
  }
  ports_.restorer.Watch(std::move(standing));
  const TopicView view = ports_.restorer.Topic();
  group_.LookAt(view, !tasks_.empty());
  LaneGauges gauges{.pending = pending_.size(),
                    .oldest_pending_age = std::nullopt,
                    .lag = group_.is_in_group() ? intake_.Lag(tasks_, now_) : std::nullopt,
                    .partitions = tasks_.size()};
  if (tasks_.empty() && !view.unread) gauges.lag.reset();
  if (view.unread && view.unread->is_ours_to_tell) {
    gauges.unread = view.unread->count;
    if (gauges.lag) *gauges.lag += view.unread->lag;
  }
  if (gauges.pending > 0 || gauges.lag) {
    gauges.oldest_pending_age = std::chrono::duration_cast<milliseconds>(pending_.OldestAge(now_));
  }
  for (const auto& [partition, task] : tasks_) {
    gauges.dedup_keys += task.dedup_keys();
    gauges.uncommitted_offsets += task.span();
    if (task.state() == Task::State::kRestoring) ++gauges.restoring;
  }
  if (expected_) MeasureExpected(gauges);
  gauges.next_probe = NextProbe();
  gauges.set_aside = commits_.outbox().set_aside().size();
  gauges.stuck = ports_.restorer.Stuck().size();
  gauges.forgotten = ports_.restorer.Forgotten();
  // A spare instance watches nothing.
  if (tasks_.empty() && group_.is_in_group()) gauges.forgotten = 0;
  is_restore_stuck_ = gauges.stuck > 0;
  if (gauges.restoring > 0) {
    gauges.restoring_for = std::chrono::duration_cast<milliseconds>(now_ - restores_.began_at());
  }
  ports_.events.Measured(gauges);
}

// What a partition that is restored, or whose announcements were not read yet, has outstanding is
// unknown.
void Lane::MeasureExpected(LaneGauges& gauges) const {
  const ExpectedCounts counts = expected_->Count({now_, wall_time_});
  gauges.expected_read_age = counts.read_age;
  gauges.expected_due_age = counts.due_age;
  if (!group_.is_in_group() || gauges.restoring > 0 || !counts.is_whole) return;
  gauges.expected_waiting = counts.waiting;
  gauges.expected_due = counts.due;
}

std::optional<common::WallTime> Lane::NextProbe() const {
  if (!ports_.fetcher.breaker_open()) return std::nullopt;
  const TimePoint due = ports_.fetcher.NextDue(now_);
  if (due == TimePoint::max()) return std::nullopt;
  return wall_time_ + std::chrono::duration_cast<milliseconds>(due - now_);
}

}  // namespace consumer
