#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace common {

/// Limits the log lines of one kind of event to one in each interval. The next line reports how
/// many were suppressed.
///
/// Threads: any; lock-free. Time: an argument.
class LogThrottle {
 public:
  using Clock = std::chrono::steady_clock;

  explicit LogThrottle(Clock::duration interval = std::chrono::seconds(1)) : interval_(interval) {}

  /// Returns the number of lines suppressed since the last line; nullopt if this one is suppressed.
  [[nodiscard]] std::optional<std::int64_t> Admit(Clock::time_point now = Clock::now()) {
    const Clock::rep at = now.time_since_epoch().count();
    Clock::rep next = next_.load(std::memory_order_relaxed);
    if (at < next || !next_.compare_exchange_strong(next, at + interval_.count())) {
      suppressed_.fetch_add(1, std::memory_order_relaxed);
      return std::nullopt;
    }
    return suppressed_.exchange(0, std::memory_order_relaxed);
  }

 private:
  const Clock::duration interval_;
  std::atomic<Clock::rep> next_ = Clock::time_point::min().time_since_epoch().count();
  std::atomic<std::int64_t> suppressed_ = 0;
};

/// A LogThrottle for each kind of event, by its name. Names must come from a closed set: each is
/// kept.
///
/// Threads: confined to one, or guarded. Time: an argument.
class KeyedLogThrottle {
 public:
  explicit KeyedLogThrottle(LogThrottle::Clock::duration interval = std::chrono::seconds(1))
      : interval_(interval) {}

  [[nodiscard]] std::optional<std::int64_t> Admit(
      const std::string& kind, LogThrottle::Clock::time_point now = LogThrottle::Clock::now()) {
    return kinds_.try_emplace(kind, interval_).first->second.Admit(now);
  }

 private:
  LogThrottle::Clock::duration interval_;
  std::map<std::string, LogThrottle> kinds_;
};

}  // namespace common
