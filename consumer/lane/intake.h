#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
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
  /// Stops reading these; they are to be restored again.
  void Stop(const std::set<Partition>& partitions);
  /// Reading begins at the task's offset with the next Steer().
  void Restored(Partition partition) { flows_.at(partition).needs_seek = true; }
  void Revoked() { flows_.clear(); }

  void Measure(std::size_t pending, std::size_t bytes);
  [[nodiscard]] bool is_full() const { return is_full_; }

  void HasRead(Partition partition, TimePoint now);
  /// Reading went on at `to` without a record in between: there was none, or they had expired.
  void Passed(Partition partition, Offset from, Offset to, TimePoint now);
  /// Whether what is read now comes from where the task wanted it.
  [[nodiscard]] bool IsReading(Partition partition) const;
  /// What is paused skips what has expired.
  void Learn(const std::vector<LogBounds>& bounds, TimePoint now, Tasks& tasks);

  /// Makes the partitions flow or stand still. One of which too much is set aside stands still
  /// alone: all partitions together fill at most half of `pending` with that.
  void Steer(TimePoint now, bool is_wanted, const Tasks& tasks, const SetAside& set_aside);

  /// Whether seeking does not help; asked for once.
  [[nodiscard]] bool TakeNeedOfNewClient() { return std::exchange(needs_new_client_, false); }

  /// Records not yet read; none while an end has not been looked up lately.
  [[nodiscard]] std::optional<std::int64_t> Lag(const Tasks& tasks, TimePoint now) const;

 private:
  struct Flow {
    bool is_paused = true;
    bool needs_seek = false;
    Offset begin = 0;
    Offset end = 0;
    Offset readable = 0;  ///< Not beyond an open transaction.
    std::optional<Offset> committed;
    std::optional<TimePoint> learned_at;  ///< When begin and end were.
    TimePoint quiet_since{};
    /// Passed lately; whether records were lost there is known once the begin is looked up.
    struct Gap {
      Offset from = 0;
      Offset to = 0;
      TimePoint passed_at{};
    };
    std::deque<Gap> gaps;
  };

  [[nodiscard]] static bool IsCurrent(const Flow& flow, TimePoint now);
  void CountExpired(Partition partition, Flow& flow, TimePoint now);

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
