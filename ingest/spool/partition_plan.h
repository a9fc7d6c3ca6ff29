#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "common/domain/partition.h"

namespace ingest {

/// A waiting callback as a replay plan knows it.
struct WaitingRow {
  std::int64_t sequence = 0;
  std::uint64_t key = 0;  ///< A hash. Keys with equal hashes only wait for each other.
  std::size_t size = 0;
};

struct InFlightRow {
  std::int64_t sequence = 0;
  common::Partition partition{};
  friend bool operator==(const InFlightRow&, const InFlightRow&) = default;
};

/// The waiting callbacks of ONE partition of the topic: decides which come next, and when.
///
///   kProbing --stored--> kFlowing   offers up to kWindow callbacks together
///      ^                    |
///      +---failed, and------+       kProbing offers one at a time, each time another one, and
///          nothing was stored       waits longer after each that fails
///          meanwhile
///
/// If a callback fails while others of the partition are stored, the callback itself is at fault:
/// it waits separately, and after kBelieved such failures it counts as refused. An unreadable
/// callback also waits separately, but never counts as refused.
///
/// Threads: confined.
/// Time:    reads no clock.
class PartitionPlan {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  static constexpr std::size_t kWindow = 64;
  static constexpr std::size_t kWindowBytes = 1024ULL * 1024;
  /// A partition that has stored none of its offers for this time has stopped answering.
  static constexpr std::chrono::seconds kSilence{1};
  static constexpr std::chrono::milliseconds kFirstWait{500};
  /// Short, because a partition works again soon after its leader is back.
  static constexpr std::chrono::milliseconds kLongestWait{4'000};
  static constexpr std::chrono::seconds kLongestWaitOfOne{60};
  static constexpr int kBelieved = 20;

  explicit PartitionPlan(std::size_t capacity) : capacity_(capacity) {}

  // The scan.
  /// Every waiting row below this sequence is known.
  [[nodiscard]] std::int64_t known_to() const { return known_to_; }
  [[nodiscard]] bool IsRunningLow(TimePoint now) const;
  void BeginScan(std::int64_t from) { follows_ = known_to_ >= from; }
  void Found(const WaitingRow& row);
  void EndScan(std::int64_t sequence);
  [[nodiscard]] bool FoundLate(const WaitingRow& row);
  [[nodiscard]] std::size_t unread() const { return unread_; }

  // A round.
  /// Limits of the rows that Pick() may put in flight.
  struct Room {
    std::size_t records = 0;
    std::size_t bytes = 0;
  };
  /// Appends to `picked` the rows to offer now, in flight from now on, and subtracts them from
  /// `room`.
  void Pick(TimePoint now, Room& room, std::vector<std::int64_t>& picked);

  // Outcomes of rows in flight: see ReplayPlan.
  void NotOffered(std::int64_t sequence);
  void NotRead(std::int64_t sequence, TimePoint now);
  void Left(std::int64_t sequence);
  void Stored(std::int64_t sequence, TimePoint now);
  [[nodiscard]] bool Failed(std::int64_t sequence, TimePoint now);
  [[nodiscard]] bool RefusedWithOthers(std::int64_t sequence);

  [[nodiscard]] bool IsSilent(TimePoint now) const;
  [[nodiscard]] std::size_t in_flight() const { return in_flight_; }
  [[nodiscard]] std::size_t in_flight_bytes() const { return in_flight_bytes_; }

 private:
  struct Row {
    WaitingRow row;
    bool is_in_flight = false;
    bool must_go_alone = false;  ///< A batch with it was refused.
    int offers = 0;
    int failures = 0;  ///< While others of the partition were stored.
    int not_read = 0;  ///< How often it was unreadable.
    TimePoint offered_at{};
    TimePoint not_before{};
  };
  using Queue = std::deque<Row>;

  [[nodiscard]] Queue::iterator Find(std::int64_t sequence);
  void PickOne(Row* row, TimePoint now, Room& room, std::vector<std::int64_t>& picked);
  void PickMany(TimePoint now, Room& room, std::vector<std::int64_t>& picked);
  Row* NextProbe(TimePoint now);
  Row* NextSingle();
  void Return(Row& row);

  std::size_t capacity_;
  Queue queue_;  ///< By sequence.
  std::int64_t known_to_ = 0;
  bool follows_ = false;  ///< Whether the current scan continues at known_to_.

  std::size_t in_flight_ = 0;
  std::size_t in_flight_bytes_ = 0;
  std::size_t alone_ = 0;   ///< Rows that must go alone.
  std::size_t unread_ = 0;  ///< Unreadable rows.
  bool is_flowing_ = false;
  int failures_ = 0;  ///< Failed probes in a row.
  TimePoint next_probe_{};
  std::optional<TimePoint> last_stored_;
  TimePoint silent_from_{};  ///< When the oldest offer since the last stored one was made.
};

}  // namespace ingest
