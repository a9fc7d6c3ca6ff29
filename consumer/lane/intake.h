#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "consumer/lane/lane_events.h"
#include "consumer/lane/outbox.h"
#include "consumer/lane/restorer.h"
#include "consumer/lane/source.h"

namespace consumer {

/// Which partitions are read now. At a bound all of them stand still until there is room again for
/// a while; only what stands still is resumed.
///
/// Threads: confined to the lane.
class Intake {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Limits {
    std::size_t pending = 50'000;
    std::size_t bytes = std::size_t{256} * 1024 * 1024;
    /// A partition with records to read that gives none for so long is sought again; when that has
    /// not helped twice, the client is replaced.
    std::chrono::milliseconds stall{30'000};
  };

  Intake(Limits limits, Source& source, LaneEvents& events)
      : limits_(limits), source_(source), events_(events) {}

  /// Every partition stands still.
  void Assigned(const std::vector<Partition>& partitions);
  /// Stops what is being read; everything is to be restored again.
  void StopAll();
  /// Reading begins at the task's offset with the next Steer().
  void Restored(Partition partition) { flows_.at(partition).needs_seek = true; }
  void Revoked() { flows_.clear(); }

  void Measure(std::size_t pending, std::size_t bytes);
  [[nodiscard]] bool is_full() const { return is_full_; }

  void HasRead(Partition partition, TimePoint now);
  void Learn(const std::vector<LogBounds>& bounds, TimePoint now);

  /// Makes the partitions flow or stand still.
  void Steer(TimePoint now, bool is_wanted, const Tasks& tasks);

  /// Whether seeking does not help; asked for once.
  [[nodiscard]] bool TakeNeedOfNewClient() { return std::exchange(needs_new_client_, false); }

  /// Records not yet read, as far as it is known.
  [[nodiscard]] std::int64_t Lag(const Tasks& tasks) const;

 private:
  struct Flow {
    bool is_paused = true;
    bool needs_seek = false;
    Offset end = 0;
    std::optional<Offset> committed;
    TimePoint learned_at{};  ///< When the end was.
    TimePoint quiet_since{};
  };

  [[nodiscard]] bool IsStalled(Partition partition, const Flow& flow, const Task& task,
                               TimePoint now) const;
  void CountStall(Partition partition, Flow& flow, const Task& task, TimePoint now);

  Limits limits_;
  Source& source_;
  LaneEvents& events_;
  std::map<Partition, Flow> flows_;
  std::map<Partition, int> stalls_;  ///< Without a record in between, whatever the assignment.
  bool needs_new_client_ = false;
  bool is_full_ = false;
};

}  // namespace consumer
