#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "common/domain/offset_metadata.h"

namespace consumer {

/// The last record before each pause in the reading of ONE partition, until it was checked.
///
/// A log that loses its end, or is created again, has no leader meanwhile: reading pauses. If the
/// new log soon grows beyond the position, reading goes on there and leaves out what is new below.
/// Only the record before the pause tells: the new log has another one at its offset. So an offset
/// above it is committed together with that record, until it was found again.
///
/// Threads: confined to the lane.
class ReadingPauses {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Witnesses = std::vector<common::OffsetWitness>;
  static constexpr std::chrono::milliseconds kPause{1'000};

  /// A record is read; `before` is the one that was read before it, or on which the committed
  /// offset rests. The first record comes after a pause of unknown length.
  void Read(const std::optional<common::OffsetWitness>& before, TimePoint now);

  /// In the order of reading.
  [[nodiscard]] const Witnesses& unchecked() const { return unchecked_; }
  /// The log was found to have these, by a look that began when they were unchecked already.
  void Checked(const Witnesses& witnesses);

 private:
  std::optional<TimePoint> read_at_;
  Witnesses unchecked_;
};

}  // namespace consumer
