#include "consumer/lane/restore_flow.h"

#include <algorithm>
#include <string>
#include <utility>

namespace consumer {
namespace {

/// As often as a stuck restore is reported.
constexpr std::chrono::minutes kEndOffsetsEvery{1};

}  // namespace

void RestoreFlow::Begin(const std::vector<Partition>& assigned, bool is_blocked, TimePoint now) {
  std::erase_if(went_back_, [&](Partition partition) {
    return std::ranges::find(assigned, partition) == assigned.end();
  });
  began_at_ = now;
  goes_on_ = false;
  // The restorer may be about to hand over results for tasks that have just ended.
  if (is_blocked) Cancel();
  is_due_ = true;
}

void RestoreFlow::BeginSome(bool is_restoring, TimePoint now) {
  if (!is_restoring) began_at_ = now;
  ++epoch_;  // The restorer may be about to hand over a result for a task that has just ended.
  goes_on_ = true;
  is_due_ = true;
}

void RestoreFlow::Steer(bool is_blocked, const Tasks& tasks) {
  if (!is_due_ || is_blocked) return;
  is_due_ = false;
  RestoreOrder order{.partitions = {}, .epoch = ++epoch_, .from_begin = went_back_};
  for (const auto& [partition, task] : tasks) {
    const bool is_running = task.state() == Task::State::kRunning;
    (is_running ? order.running : order.partitions).push_back(partition);
  }
  order.goes_on = goes_on_;
  ports_.restorer.Restore(std::move(order));
}

void RestoreFlow::Cancel() {
  is_due_ = false;
  ports_.restorer.Restore({.partitions = {}, .epoch = ++epoch_});
}

void RestoreFlow::Watch(const Tasks& tasks, const std::optional<GroupMembership>& membership) {
  Standing standing{.member_id = membership ? membership->member_id : std::string()};
  for (const auto& [partition, task] : tasks) {
    if (task.state() != Task::State::kRunning) continue;
    standing.positions[partition] = task.Position();
    if (!task.Unchecked().empty()) standing.unchecked[partition] = task.Unchecked();
  }
  ports_.restorer.Watch(std::move(standing));
}

void RestoreFlow::EndPendingOffsets(TimePoint now) {
  if (now < end_offsets_at_) return;
  const bool is_pending = std::ranges::any_of(ports_.restorer.Stuck(), [](const auto& stuck) {
    return stuck.awaiting == Awaiting::kOffsets;
  });
  if (!is_pending) return;
  end_offsets_at_ = now + kEndOffsetsEvery;
  ports_.committer.Recycle();
}

std::vector<RestoreFlow::Started> RestoreFlow::TakeRestored(Tasks& tasks) {
  std::vector<Started> started;
  for (RestoredPartition& restored : ports_.restorer.TakeRestored()) {
    const auto task = tasks.find(restored.partition);
    if (!IsCurrent(restored) || task == tasks.end()) continue;
    if (task->second.state() != Task::State::kRestoring) continue;
    ports_.committer.HasSeen(restored.basis);
    ReportStart(restored);
    started.push_back({restored.partition, restored.went_back ? Offset() : restored.committed});
    task->second.Restored(std::move(restored));
  }
  return started;
}

void RestoreFlow::ReportStart(const RestoredPartition& restored) {
  const Partition partition = restored.partition;
  ports_.events.Restored(partition, restored.start, restored.table.size(), restored.elapsed);
  const bool is_told = went_back_.erase(partition) > 0;
  if (restored.went_back && !is_told) {
    ports_.events.LogWentBack(partition, restored.committed, restored.start);
  } else if (!restored.went_back && restored.start > restored.committed) {
    ports_.events.ExpiredUnread(partition, restored.committed, restored.start);
  }
}

std::set<Partition> RestoreFlow::FindWentBack(const std::vector<LogBounds>& bounds, Tasks& tasks) {
  std::set<Partition> found;
  for (const LogBounds& bound : bounds) {
    const auto task = tasks.find(bound.partition);
    if (task == tasks.end() || task->second.state() != Task::State::kRunning) continue;
    if (bound.committed) continue;  // The restore, which has ended since, has judged that.
    if (!bound.went_back) {
      task->second.Checked(bound.checked);
      continue;
    }
    ports_.events.LogWentBack(bound.partition, task->second.NextToRead(), bound.begin);
    went_back_.insert(bound.partition);
    found.insert(bound.partition);
  }
  return found;
}

}  // namespace consumer
