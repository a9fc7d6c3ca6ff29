#pragma once

#include <chrono>
#include <set>
#include <vector>

#include "consumer/lane/outbox.h"
#include "consumer/lane/restorer.h"

namespace consumer {

/// Orders the restores of a lane: of which partitions, under which epoch, and when.
///
/// A batch that the committer still has could be committed after the restorer has looked, even under
/// the same generation: a static member may rejoin without a new one. So an order waits until the
/// committer has none.
///
/// Threads: confined to the lane.
/// Time:    an argument.
class RestoreFlow {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit RestoreFlow(Restorer& restorer) : restorer_(restorer) {}

  /// A new assignment: an order for all its partitions is due. `is_blocked`: the committer has a
  /// batch.
  void Begin(const std::vector<Partition>& assigned, bool is_blocked, TimePoint now);
  /// An order for some partitions of the same assignment is due. `is_restoring`: others of them are
  /// being restored.
  void BeginSome(bool is_restoring, TimePoint now);
  /// Sends the order that is due, for the tasks that are not running.
  void Steer(bool is_blocked, const Tasks& tasks);
  void Cancel();

  /// The log of a partition ends below the position in it. Reported; the next order restores it from
  /// its beginning.
  void LogWentBack(Partition partition) { went_back_.insert(partition); }
  /// True, once, if LogWentBack() was called for it.
  [[nodiscard]] bool TakeWentBack(Partition partition) { return went_back_.erase(partition) > 0; }

  /// False for a partition that an earlier order restored.
  [[nodiscard]] bool IsCurrent(const RestoredPartition& restored) const {
    return restored.epoch == epoch_;
  }
  [[nodiscard]] TimePoint began_at() const { return began_at_; }

 private:
  Restorer& restorer_;
  Epoch epoch_ = 0;
  std::set<Partition> went_back_;
  TimePoint began_at_{};
  bool is_due_ = false;
  bool goes_on_ = false;  ///< The next order is for some partitions of a continuing assignment.
};

}  // namespace consumer
