#pragma once

#include <chrono>

namespace consumer {

/// Whether the host is worth asking.
///
///   closed ──`failures` in a row──► open ──any healthy answer──► closed
///                                   one probe every `probe_every`
///
/// A failure is what IsHostAtFault() says; an answer that is none resets the count.
/// Time: an argument, never going back.
class CircuitBreaker {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;
  struct Settings {
    int failures = 20;
    std::chrono::milliseconds probe_every{10'000};
  };

  explicit CircuitBreaker(Settings settings) : settings_(settings) {}

  /// True if this one opened the breaker.
  bool Failed(TimePoint now);
  /// How long the breaker was open, if this answer closed it; otherwise zero.
  Duration Answered(TimePoint now);

  [[nodiscard]] bool is_open() const { return is_open_; }

  /// When the next probe may start. Precondition: is_open().
  [[nodiscard]] TimePoint next_probe() const { return next_probe_; }
  void ProbeStarted(TimePoint now) { next_probe_ = now + settings_.probe_every; }
  void AllowProbe(TimePoint now) { next_probe_ = now; }

  /// A clock that rests while the breaker is open; only differences mean anything.
  [[nodiscard]] Duration ClosedTime(TimePoint now) const {
    return (is_open_ ? opened_at_ : now).time_since_epoch() - open_before_;
  }

 private:
  Settings settings_;
  int failures_ = 0;
  bool is_open_ = false;
  TimePoint opened_at_{};
  TimePoint next_probe_{};
  Duration open_before_{};  ///< All times open that have ended.
};

}  // namespace consumer
