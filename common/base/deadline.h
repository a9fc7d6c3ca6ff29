#pragma once

#include <algorithm>
#include <chrono>

namespace common {

/// The latest time, on the steady clock, at which an operation must end. Nested operations share
/// the point in time, not a duration, so their waits together end within the outermost one.
class Deadline {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Deadline(Clock::time_point at) : at_(at) {}
  static Deadline After(Clock::duration duration) { return Deadline(Clock::now() + duration); }

  [[nodiscard]] Clock::time_point at() const { return at_; }
  [[nodiscard]] bool HasPassed() const { return Clock::now() >= at_; }

  /// Never negative, rounded up: a wait of this length ends after the deadline.
  [[nodiscard]] std::chrono::milliseconds Remaining() const {
    return std::max(std::chrono::milliseconds(0),
                    std::chrono::ceil<std::chrono::milliseconds>(at_ - Clock::now()));
  }

 private:
  Clock::time_point at_;
};

}  // namespace common
