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

/// Decides which partitions are read now. At a bound it pauses all of them until there is room
/// again for a while. It resumes only paused partitions.
///
/// Threads: confined to the lane.
class Intake {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Limits {
    std::size_t pending = 50'000;
    std::size_t bytes = std::size_t{256} * 1024 * 1024;
    /// A partition with records to read that delivers none for this long is sought again. If that
    /// has failed twice, the client is replaced.
    std::chrono::milliseconds stall{30'000};
  };

  Intake(Limits limits, Source& source, LaneEvents& events)
      : limits_(limits), source_(source), events_(events) {}

  /// Pauses every partition.
  void Assigned(const std::vector<Partition>& partitions);
  /// The lane stood still for a while: reads on with what the logs have now. The client may have
  /// read ahead in a log that has lost these records since, and grown: it would go on behind them,
  /// and no pause in reading would show that (ReadingPauses).
  void ReadAgain(const Tasks& tasks);
  /// Stops reading these partitions; they will be restored again.
  void Stop(const std::set<Partition>& partitions);
  /// Reading begins at the task's offset with the next Steer(). Offsets from `known_from` on are
  /// read again, or were reported: earlier gaps are still judged.
  void Restored(Partition partition, Offset known_from);
  void Revoked();

  void Measure(std::size_t pending, std::size_t bytes);
  [[nodiscard]] bool is_full() const { return is_full_; }

  void HasRead(Partition partition, TimePoint now);
  /// Reading advanced to `to` without a record in between: there was none, or retention deleted it.
  void Passed(Partition partition, Offset from, Offset to, TimePoint now);
  /// Every record below `offset` was delivered, see SourceListener::AtEnd().
  void AtEnd(Partition partition, Offset offset, TimePoint now, Tasks& tasks);
  /// The client has stopped reading a partition, see SourceListener. Only a new one starts it
  /// again, and the restore that follows says what became of the log.
  void PositionRefused(Partition partition);
  /// Paused partitions skip expired records.
  void Learn(const std::vector<LogBounds>& bounds, TimePoint now, Tasks& tasks);

  /// Resumes or pauses the partitions. A partition with too many set-aside callbacks pauses alone:
  /// the set-aside callbacks of all partitions fill at most half of `pending`.
  void Steer(TimePoint now, bool is_wanted, const Tasks& tasks, const SetAside& set_aside);

  /// Since when a partition has been read up to where its log ended as the reading began. None: it
  /// has not, or nobody has looked where.
  [[nodiscard]] std::optional<TimePoint> CaughtUpAt(Partition partition) const {
    return flows_.at(partition).caught_up_at;
  }

  /// True, once, if seeking does not help.
  [[nodiscard]] bool TakeNewClientRequest(TimePoint now);

  /// Unread records; none if an end has not been looked up recently.
  [[nodiscard]] std::optional<std::int64_t> Lag(const Tasks& tasks, TimePoint now) const;

 private:
  struct Flow {
    bool is_paused = true;
    bool needs_seek = false;
    Offset begin{};
    Offset end{};
    Offset readable{};                ///< Up to the first open transaction.
    std::optional<Offset> first_end;  ///< `readable` when reading began.
    std::optional<TimePoint> caught_up_at;
    std::optional<Offset> committed;
    bool has_gone_back = false;           ///< Not restored since: the committed offset is invalid.
    std::optional<TimePoint> learned_at;  ///< When begin and end were learned.
    std::optional<TimePoint> looked_up_at;  ///< A time before that look-up.
    TimePoint quiet_since{};
    /// Offsets passed recently. The next look-up of the begin tells whether records were lost
    /// there.
    struct Gap {
      Offset from{};
      Offset to{};
      TimePoint passed_at{};
    };
    std::deque<Gap> gaps;
  };

  [[nodiscard]] static bool IsCurrent(const Flow& flow, TimePoint now);
  /// True if the records read now come from the task's position.
  [[nodiscard]] bool IsReading(Partition partition) const;
  void CountExpired(Partition partition, Flow& flow);
  void SeekWhereNeeded(TimePoint now, const Tasks& tasks);

  [[nodiscard]] bool IsStalled(Partition partition, const Flow& flow, const Task& task,
                               TimePoint now) const;
  void CountStall(Partition partition, Flow& flow, const Task& task, TimePoint now);

  Limits limits_;
  Source& source_;
  LaneEvents& events_;
  std::map<Partition, Flow> flows_;
  std::map<Partition, int> stalls_;  ///< Since the last record, across assignments.
  bool needs_new_client_ = false;
  bool is_refused_ = false;  ///< A position, by its log.
  TimePoint next_refusal_at_{};
  bool is_full_ = false;
};

}  // namespace consumer
