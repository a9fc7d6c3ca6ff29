#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace ctl {

/// Limits a rate. Makes up for waits that end late, but not for longer pauses.
class Pace {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::milliseconds kMadeUpFor{10};

  /// `per_second` 0: no limit.
  explicit Pace(int per_second)
      : interval_(per_second > 0 ? std::chrono::nanoseconds(std::chrono::seconds(1)) / per_second
                                 : std::chrono::nanoseconds(0)) {}

  /// Books the next slot and returns its time.
  [[nodiscard]] Time Next(Time now) {
    const Time at = free_at_ ? std::max(*free_at_, now - kMadeUpFor) : now;
    free_at_ = at + interval_;
    return at;
  }

 private:
  std::chrono::nanoseconds interval_;
  std::optional<Time> free_at_;  ///< None: before the first one.
};

}  // namespace ctl
