#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "ingest/spool/partition_plan.h"

namespace ingest {

/// Decides which waiting callbacks are offered to Kafka next: the pure half of replay.
///
/// Each partition of the topic goes at its own pace. Its next callbacks are known in a short queue
/// of its own, which a scan over the spool fills; so nothing that fails, and no partition that is
/// dead, is in the way of another one, and a round costs no look at the rows that wait.
///
///   rows on disk   ---scan, by sequence--->   queue of each partition   ---Round()--->   in flight
///                  ^ from where one that                                                     |
///                    runs short goes on        <--failed: stays, in its place----------------+
///                                                 stored, refused: leaves ------------------<+
///
/// Order: of a key, a callback is offered only once every earlier one has left.
///
/// Threads: confined.
/// Time:    reads no clock.
class ReplayPlan {
 public:
  using TimePoint = PartitionPlan::TimePoint;

  /// In flight together, but for those of partitions that have stopped answering.
  static constexpr std::size_t kMaxRecords = 500;
  static constexpr std::size_t kMaxBytes = 4ULL * 1024 * 1024;
  /// In flight together, whatever happens.
  static constexpr std::size_t kMostRecords = 2000;
  static constexpr std::size_t kMostBytes = 32ULL * 1024 * 1024;

  explicit ReplayPlan(int partitions);

  /// The spool holds nothing with a greater sequence.
  void EndsAt(std::int64_t sequence) { last_ = sequence; }

  /// The sequence from which rows are to be scanned now; nullopt: no partition runs short.
  std::optional<std::int64_t> BeginScan(TimePoint now);
  /// A row of the scan, in their order.
  void Found(const WaitingRow& row, int partition);
  /// The scan has passed every row up to `sequence`.
  void EndScan(std::int64_t sequence);
  /// A row that a scan had stepped over. False: there is no room for it now.
  [[nodiscard]] bool FoundLate(const WaitingRow& row, int partition);
  /// Those known that could not be read when they were to be offered.
  [[nodiscard]] std::size_t unread() const;

  /// What to offer now, oldest first; each is in flight from now on.
  [[nodiscard]] std::vector<InFlightRow> Round(TimePoint now);

  // What became of those in flight.
  /// It was not offered after all, for lack of room or of Kafka.
  void NotOffered(const InFlightRow& row) { Of(row).NotOffered(row.sequence); }
  /// It could not be read: it waits by itself, longer each time.
  void NotRead(const InFlightRow& row, TimePoint now) { Of(row).NotRead(row.sequence, now); }
  void Left(const InFlightRow& row) { Of(row).Left(row.sequence); }
  void Stored(const InFlightRow& row, TimePoint now) { Of(row).Stored(row.sequence, now); }
  /// Whether it must be taken for refused: others of its partition are taken, but never this one.
  [[nodiscard]] bool Failed(const InFlightRow& row, TimePoint now) {
    return Of(row).Failed(row.sequence, now);
  }
  /// The batch that it was in was refused. Whether it was alone in it.
  [[nodiscard]] bool RefusedWithOthers(const InFlightRow& row) {
    return Of(row).RefusedWithOthers(row.sequence);
  }

  [[nodiscard]] int partitions() const { return static_cast<int>(partitions_.size()); }

 private:
  PartitionPlan& Of(const InFlightRow& row) {
    return partitions_[static_cast<std::size_t>(row.partition)];
  }

  std::vector<PartitionPlan> partitions_;
  std::int64_t last_ = 0;
  std::size_t scan_turn_ = 0;   ///< The partition for which the last scan was.
  std::size_t round_turn_ = 0;  ///< The partition that is asked first in the next round.
};

}  // namespace ingest
