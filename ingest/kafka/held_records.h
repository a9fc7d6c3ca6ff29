#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include "common/domain/callback_record.h"
#include "ingest/acceptance/callback_sink.h"
#include "ingest/policy/batching.h"

namespace ingest {

/// A callback that is held, or was.
struct HeldRecord {
  CallbackNumber number = 0;
  common::Envelope envelope{};
  std::chrono::steady_clock::time_point since{};
};

/// Records that go to the producer together, in the order in which they came.
using Burst = std::vector<HeldRecord>;

/// Records from their offer to their report.
///
///   Add --> held --burst is due, Take()--> in hand --Settled()
///
/// Threads: confined, or behind the owner's lock.
/// Time:    reads no clock; `now` does not go back.
class HeldRecords {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// Precondition: bounds.max_delay is not 0.
  explicit HeldRecords(const BatchBounds& bounds);

  /// The burst may be due afterwards. `partitions`: of the topic, at least 1.
  void Add(CallbackNumber number, common::Envelope envelope, int partitions, TimePoint now);

  /// When the held records must go if none is added; nullopt if none is held.
  [[nodiscard]] std::optional<TimePoint> due() const;
  [[nodiscard]] bool IsDue(TimePoint now) const { return !held_.empty() && *due() <= now; }

  /// Returns all that is held. It is in the producer's hands from here on.
  [[nodiscard]] Burst Take();

  /// So many records came into the producer's hands without being held, or left them.
  void Sent(std::size_t records) { in_hand_ += records; }
  void Settled(std::size_t records);

 private:
  void FollowPartitions(std::size_t partitions);

  const BatchBounds bounds_;
  std::chrono::milliseconds delay_{};  ///< The most that a record is held.
  Burst held_;
  std::size_t bytes_ = 0;  ///< Their keys and bodies.
  BatchVerdict verdict_;
  std::size_t in_hand_ = 0;  ///< Handed over, without a report.
  WaitingPeak peak_;
};

}  // namespace ingest
