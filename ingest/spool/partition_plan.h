#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace ingest {

/// What the plan of a replay knows of a callback that waits.
struct WaitingRow {
  std::int64_t sequence = 0;
  std::uint64_t key = 0;  ///< A hash. Two keys of one hash only wait for each other.
  std::size_t size = 0;
};

struct InFlightRow {
  std::int64_t sequence = 0;
  int partition = 0;
  friend bool operator==(const InFlightRow&, const InFlightRow&) = default;
};

/// The waiting callbacks of ONE partition of the topic: which come next, and when.
///
///   kProbing --stored--> kFlowing   offers up to kWindow callbacks together
///      ^                    |
///      +---failed, and------+       kProbing offers one at a time, each time another one, and
///          nothing was stored       waits longer after each that fails
///          meanwhile
///
/// What fails while others of the partition are stored is that callback's own trouble: it waits by
/// itself, and after kBelieved such failures it is taken for refused. What cannot be read waits by
/// itself too, and is never taken for refused.
///
/// Threads: confined.
/// Time:    reads no clock.
class PartitionPlan {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  static constexpr std::size_t kWindow = 64;
  static constexpr std::size_t kWindowBytes = 1024ULL * 1024;
  /// A partition that has stored nothing of what it has had for so long has stopped answering.
  static constexpr std::chrono::seconds kSilence{1};
  static constexpr std::chrono::milliseconds kFirstWait{500};
  /// A partition is back soon after its leader is.
  static constexpr std::chrono::milliseconds kLongestWait{4'000};
  static constexpr std::chrono::seconds kLongestWaitOfOne{60};
  static constexpr int kBelieved = 20;

  explicit PartitionPlan(std::size_t capacity) : capacity_(capacity) {}

  // The scan.
  /// Every waiting row below is known.
  [[nodiscard]] std::int64_t known_to() const { return known_to_; }
  [[nodiscard]] bool RunsShort(TimePoint now) const;
  void BeginScan(std::int64_t from) { follows_ = known_to_ >= from; }
  void Found(const WaitingRow& row);
  void EndScan(std::int64_t sequence);
  [[nodiscard]] bool FoundLate(const WaitingRow& row);
  [[nodiscard]] std::size_t unread() const { return unread_; }

  // A round.
  /// Rows to offer now, in flight from now on: no more than so many records and bytes.
  struct Room {
    std::size_t records = 0;
    std::size_t bytes = 0;
  };
  /// Takes from `room` what it takes. Appends sequences to `picked`.
  void Pick(TimePoint now, Room& room, std::vector<std::int64_t>& picked);

  // What became of it: as ReplayPlan says.
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
    int not_read = 0;  ///< So many times.
    TimePoint offered_at{};
    TimePoint not_before{};
  };
  using Queue = std::deque<Row>;

  [[nodiscard]] Queue::iterator Find(std::int64_t sequence);
  void PickOne(Row* row, TimePoint now, Room& room, std::vector<std::int64_t>& picked);
  void PickMany(TimePoint now, Room& room, std::vector<std::int64_t>& picked);
  Row* NextProbe(TimePoint now);
  Row* NextToGoAlone();
  void Return(Row& row);

  std::size_t capacity_;
  Queue queue_;  ///< By sequence.
  std::int64_t known_to_ = 0;
  bool follows_ = false;  ///< The scan under way.

  std::size_t in_flight_ = 0;
  std::size_t in_flight_bytes_ = 0;
  std::size_t alone_ = 0;   ///< Rows that must go alone.
  std::size_t unread_ = 0;  ///< Rows that could not be read.
  bool is_flowing_ = false;
  int failures_ = 0;  ///< Probes in a row.
  TimePoint next_probe_{};
  std::optional<TimePoint> last_stored_;
  TimePoint silent_from_{};  ///< When the oldest offer since the last stored one was made.
};

}  // namespace ingest
