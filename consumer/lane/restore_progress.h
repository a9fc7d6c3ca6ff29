#pragma once

#include <chrono>
#include <map>
#include <vector>

#include "consumer/lane/restorer.h"

namespace consumer {

/// Which partitions do not get on with their restore.
///
/// Threads: confined to one, or guarded. Time: an argument.
class RestoreProgress {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// Of these only; those that have begun already have not moved by that.
  void Begin(const std::vector<Partition>& partitions, TimePoint now);
  void Clear() { states_.clear(); }
  void Awaits(Partition partition, Awaiting awaiting, Offset at = kNowhere);
  /// The markers were read up to there. Only what is farther than ever before is progress: an
  /// attempt that is repeated reads them again.
  void Reached(Partition partition, Offset offset, TimePoint now);
  void Done(Partition partition) { states_.erase(partition); }

  /// Those that have not moved for so long.
  [[nodiscard]] std::vector<StuckRestore> Stuck(TimePoint now,
                                                std::chrono::milliseconds patience) const;

 private:
  struct State {
    Awaiting awaiting = Awaiting::kBroker;
    Offset at = kNowhere;
    Offset reached = kNowhere;
    TimePoint moved_at{};
  };
  std::map<Partition, State> states_;
};

}  // namespace consumer
