#pragma once

#include <chrono>

namespace consumer {

/// A token bucket of a tenth of a second's worth (at least one token), as the time at which it
/// would be full again.
class RateLimit {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  /// 0: no limit.
  explicit RateLimit(double per_second);

  /// When the next request may start; a time in the past means now.
  [[nodiscard]] TimePoint NextAt() const { return full_at_ - burst_; }
  /// Precondition: NextAt() <= now.
  void Take(TimePoint now);

 private:
  Duration interval_{};  ///< A token's worth; zero without a limit.
  Duration burst_{};     ///< What the bucket holds beyond one token.
  TimePoint full_at_{};
};

}  // namespace consumer
