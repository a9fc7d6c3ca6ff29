#pragma once

#include <atomic>
#include <chrono>

namespace consumer {

/// Shows whether a thread makes progress. The thread beats before each call that may block, all of
/// which have a deadline, and rests while it is idle.
///
/// Threads: Beat() and Rest() by the thread watched, IsAlive() from any.
class Pulse {
 public:
  using Clock = std::chrono::steady_clock;

  void Beat(Clock::time_point now = Clock::now()) { at_.store(now.time_since_epoch().count()); }
  void Rest() { at_.store(kResting); }

  /// True if it rests or has beaten within `limit`.
  [[nodiscard]] bool IsAlive(Clock::time_point now, Clock::duration limit) const {
    const Clock::rep at = at_.load();
    return at == kResting || now - Clock::time_point(Clock::duration(at)) <= limit;
  }

 private:
  static constexpr Clock::rep kResting = Clock::duration::max().count();
  std::atomic<Clock::rep> at_{kResting};
};

}  // namespace consumer
