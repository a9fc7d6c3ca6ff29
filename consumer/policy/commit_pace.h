#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace consumer {

/// Decides when a lane's finished callbacks are committed: at most once an interval, and soon if
/// the lane was quiet before.
///
/// A transaction costs Kafka nearly the same for one result as for twenty (markers, offsets and
/// control records on each partition), so results share one as far as they may wait. What comes
/// alone gains nothing by waiting (ADR 0025).
///
///   due = max(first finished + kGather, last commit begun + interval)
///
/// Threads: confined to the lane.
class CommitPace {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  /// Callbacks that come together finish within this time.
  static constexpr std::chrono::milliseconds kGather{20};

  explicit CommitPace(std::chrono::milliseconds interval) : interval_(interval) {}

  /// A commit has begun.
  void Begun(TimePoint now) { last_ = now; }

  /// When a callback that has finished now, as the first since the last commit, is due.
  [[nodiscard]] TimePoint DueAt(TimePoint now) const {
    const TimePoint gathered = now + std::min(kGather, interval_);
    return last_ ? std::max(gathered, *last_ + interval_) : gathered;
  }

 private:
  std::chrono::milliseconds interval_;
  std::optional<TimePoint> last_;
};

}  // namespace consumer
