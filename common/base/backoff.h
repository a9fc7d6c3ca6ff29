#pragma once

#include <algorithm>
#include <chrono>

namespace common {

/// Delay before a retry, as a pure function: no clock, no sleep, no random
/// source of its own. The caller draws the jitter and performs the wait.
///
///   ceiling(n) = min(cap, base * 2^n)        n = 0 for the first retry
///   delay(n)   = unit_random * ceiling(n)    "full jitter"
struct Backoff {
  std::chrono::milliseconds base{500};
  std::chrono::milliseconds cap{60'000};

  /// unit_random is in [0, 1).
  [[nodiscard]] std::chrono::milliseconds Delay(int retry, double unit_random) const {
    const int shift = std::clamp(retry, 0, 30);
    const double ceiling =
        std::min(static_cast<double>(cap.count()),
                 static_cast<double>(base.count()) * static_cast<double>(1LL << shift));
    return std::chrono::milliseconds(static_cast<long long>(unit_random * ceiling));
  }
};

}  // namespace common
