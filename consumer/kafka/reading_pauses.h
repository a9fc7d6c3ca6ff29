#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <vector>

#include "common/domain/offset_metadata.h"
#include "consumer/lane/records.h"

namespace consumer {

/// The last record before each pause in reading, since it was last checked.
///
/// A log that loses its end, or is created again, has no leader meanwhile: reading pauses. If the
/// new log soon grows beyond the position, reading goes on there and leaves out what is new below.
/// Only the record before the pause tells: the new log has another one at its offset.
///
/// Threads: confined to one, or guarded by the owner.
class ReadingPauses {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Witnesses = std::vector<common::OffsetWitness>;
  static constexpr std::chrono::milliseconds kPause{1'000};

  /// The last record read at that time. Call several times per pause.
  void Saw(Partition partition, const std::optional<common::OffsetWitness>& last, TimePoint now);
  [[nodiscard]] std::map<Partition, Witnesses> Pending() const;
  /// The log still has these; pauses since then remain.
  void Checked(Partition partition, const Witnesses& witnesses);
  void Forget(Partition partition) { partitions_.erase(partition); }
  void Clear() { partitions_.clear(); }

 private:
  struct State {
    std::optional<common::OffsetWitness> last;
    TimePoint since{};
    bool is_noted = false;
    Witnesses pending;
  };
  std::map<Partition, State> partitions_;
};

}  // namespace consumer
