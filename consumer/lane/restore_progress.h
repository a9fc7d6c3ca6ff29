#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <vector>

#include "consumer/lane/restorer.h"

namespace consumer {

/// Tracks which restores make no progress.
///
/// Threads: confined to one, or guarded. Time: an argument.
class RestoreProgress {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// Watches only these partitions. Does not count as progress for those that have begun already.
  void Begin(const std::vector<Partition>& partitions, TimePoint now);
  void Clear() { states_.clear(); }
  void Awaits(Partition partition, Awaiting awaiting, std::optional<Offset> at = std::nullopt);
  /// The markers were read up to `offset`. Only an offset beyond all earlier ones is progress,
  /// because a repeated attempt reads them again.
  void Reached(Partition partition, Offset offset, TimePoint now);
  void Done(Partition partition) { states_.erase(partition); }

  /// The restores without progress for this long.
  [[nodiscard]] std::vector<StuckRestore> Stuck(TimePoint now,
                                                std::chrono::milliseconds patience) const;

 private:
  struct State {
    Awaiting awaiting = Awaiting::kBroker;
    std::optional<Offset> at = {};
    std::optional<Offset> reached = {};
    TimePoint moved_at{};
  };
  std::map<Partition, State> states_;
};

}  // namespace consumer
