#pragma once

#include <chrono>

namespace consumer {

/// A token bucket that holds a tenth of a second's tokens, at least one. Its state is the time at
/// which it will be full again.
class RateLimit {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  /// 0: no limit.
  explicit RateLimit(double per_second);

  /// When the next request may start; a past time means now.
  [[nodiscard]] TimePoint NextAt() const { return full_at_ - burst_; }
  /// Precondition: NextAt() <= now.
  void Take(TimePoint now);

 private:
  Duration interval_{};  ///< Time per token; zero without a limit.
  Duration burst_{};     ///< Capacity beyond one token, as time.
  TimePoint full_at_{};
};

}  // namespace consumer
