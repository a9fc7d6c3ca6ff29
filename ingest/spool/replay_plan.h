#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/domain/partition.h"
#include "ingest/spool/partition_plan.h"

namespace ingest {

/// Decides which waiting callbacks are offered to Kafka next: the pure half of replay.
///
/// Each partition of the topic goes at its own pace. A scan over the spool fills a short queue for
/// each partition. So no failing callback and no dead partition delays another partition, and a
/// round need not look at the rows on disk.
///
///   rows on disk   ---scan, by sequence--->   queue of each partition   ---Round()--->   in flight
///                  ^ from the end                                                            |
///                    of a short queue          <--failed: stays, in its place----------------+
///                                                 stored, refused: leaves ------------------<+
///
/// Order: a callback is offered only once every earlier one of its key has left.
///
/// Threads: confined.
/// Time:    reads no clock.
class ReplayPlan {
 public:
  using TimePoint = PartitionPlan::TimePoint;

  /// In flight together, except for partitions that have stopped answering.
  static constexpr std::size_t kMaxRecords = 500;
  static constexpr std::size_t kMaxBytes = 4ULL * 1024 * 1024;
  /// In flight together, whatever happens.
  static constexpr std::size_t kMostRecords = 2000;
  static constexpr std::size_t kMostBytes = 32ULL * 1024 * 1024;

  explicit ReplayPlan(int partitions);

  /// The spool holds no greater sequence.
  void EndsAt(std::int64_t sequence) { last_ = sequence; }

  /// The sequence from which to scan now; nullopt if no partition runs short.
  std::optional<std::int64_t> BeginScan(TimePoint now);
  /// A row of the scan. Call in the order of the rows.
  void Found(const WaitingRow& row, common::Partition partition);
  /// The scan has passed every row up to `sequence`.
  void EndScan(std::int64_t sequence);
  /// A row that a scan had skipped. False if there is no room for it now.
  [[nodiscard]] bool FoundLate(const WaitingRow& row, common::Partition partition);
  /// The number of known rows that were unreadable when they were to be offered.
  [[nodiscard]] std::size_t unread() const;

  /// The rows to offer now, oldest first. Each is in flight from now on.
  [[nodiscard]] std::vector<InFlightRow> Round(TimePoint now);

  // Outcomes of rows in flight.
  /// It was not offered after all, because of missing room or an unavailable Kafka.
  void NotOffered(const InFlightRow& row) { Of(row).NotOffered(row.sequence); }
  /// It was unreadable. It waits separately, longer each time.
  void NotRead(const InFlightRow& row, TimePoint now) { Of(row).NotRead(row.sequence, now); }
  void Left(const InFlightRow& row) { Of(row).Left(row.sequence); }
  void Stored(const InFlightRow& row, TimePoint now) { Of(row).Stored(row.sequence, now); }
  /// True if it must count as refused: others of its partition are stored, but never this one.
  [[nodiscard]] bool Failed(const InFlightRow& row, TimePoint now) {
    return Of(row).Failed(row.sequence, now);
  }
  /// Its batch was refused. True if it was alone in the batch.
  [[nodiscard]] bool RefusedWithOthers(const InFlightRow& row) {
    return Of(row).RefusedWithOthers(row.sequence);
  }

  [[nodiscard]] int partitions() const { return static_cast<int>(partitions_.size()); }

 private:
  PartitionPlan& Of(const InFlightRow& row) { return partitions_[row.partition.index()]; }

  std::vector<PartitionPlan> partitions_;
  std::int64_t last_ = 0;
  std::size_t scan_turn_ = 0;   ///< The partition of the last scan.
  std::size_t round_turn_ = 0;  ///< The partition that comes first in the next round.
};

}  // namespace ingest
