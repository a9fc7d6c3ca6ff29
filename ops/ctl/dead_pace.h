#pragma once

#include <algorithm>
#include <chrono>

namespace ctl {

/// So many a second at most, also after a pause: what was not used is lost.
class Pace {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// `per_second` 0: no limit.
  explicit Pace(int per_second)
      : interval_(per_second > 0 ? std::chrono::nanoseconds(std::chrono::seconds(1)) / per_second
                                 : std::chrono::nanoseconds(0)) {}

  /// When the next one may go. Precondition: it then goes.
  [[nodiscard]] Time Next(Time now) {
    const Time at = std::max(now, free_at_);
    free_at_ = at + interval_;
    return at;
  }

 private:
  std::chrono::nanoseconds interval_;
  Time free_at_{};
};

}  // namespace ctl
