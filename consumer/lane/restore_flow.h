#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <vector>

#include "consumer/lane/committer.h"
#include "consumer/lane/group_membership.h"
#include "consumer/lane/lane_events.h"
#include "consumer/lane/outbox.h"
#include "consumer/lane/restorer.h"

namespace consumer {

/// Orders the restores of a lane (of which partitions, under which epoch, and when) and takes in
/// what they yield.
///
/// A batch that the committer still has could be committed after the restorer has looked, even
/// under the same generation: a static member may rejoin without a new one. So an order waits until
/// the committer has none.
///
/// Threads:  confined to the lane.
/// Lifetime: the ports must outlive it.
/// Time:     an argument.
class RestoreFlow {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Ports {
    Restorer& restorer;
    Committer& committer;
    LaneEvents& events;
  };
  explicit RestoreFlow(Ports ports) : ports_(ports) {}

  /// A new assignment: an order for all its partitions is due. `is_blocked`: the committer has a
  /// batch.
  void Begin(const std::vector<Partition>& assigned, bool is_blocked, TimePoint now);
  /// An order for some partitions of the same assignment is due. `is_restoring`: others of them are
  /// being restored.
  void BeginSome(bool is_restoring, TimePoint now);
  /// Sends the order that is due, for the tasks that are not running.
  void Steer(bool is_blocked, const Tasks& tasks);
  void Cancel();

  /// Tells the restorer where the running partitions are read, for its next look at their logs.
  void Watch(const Tasks& tasks, const std::optional<GroupMembership>& membership);

  /// Replaces the producer, now and then, while a restore has long been waiting for the end of a
  /// transaction with an offset of its partition. If that is an own one that Kafka has forgotten,
  /// the new producer ends it; its predecessor's attempt may have been forgotten, too.
  void EndPendingOffsets(TimePoint now);

  struct Started {
    Partition partition{};
    /// Offsets from here on are read again, or were reported: see Intake::Restored().
    Offset known_from{};
  };
  /// Sets the tasks of the restored partitions running, and returns these.
  [[nodiscard]] std::vector<Started> TakeRestored(Tasks& tasks);

  /// The running partitions whose log ends below the position in it: to be restored again. The next
  /// order restores them from their beginning. The others learn which records were found.
  [[nodiscard]] std::set<Partition> FindWentBack(const std::vector<LogBounds>& bounds,
                                                 Tasks& tasks);

  [[nodiscard]] TimePoint began_at() const { return began_at_; }

 private:
  /// False for a partition that an earlier order restored.
  [[nodiscard]] bool IsCurrent(const RestoredPartition& restored) const {
    return restored.epoch == epoch_;
  }
  void ReportStart(const RestoredPartition& restored);

  Ports ports_;
  Epoch epoch_ = 0;
  std::set<Partition> went_back_;  ///< Reported, and not restored since.
  TimePoint began_at_{};
  TimePoint end_offsets_at_{};  ///< Not again before.
  bool is_due_ = false;
  bool goes_on_ = false;  ///< The next order is for some partitions of a continuing assignment.
};

}  // namespace consumer
