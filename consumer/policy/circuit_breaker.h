#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include "consumer/policy/failure_spell.h"

namespace consumer {

/// Decides whether the host is worth a request. Judges it by different callbacks: a few that fail
/// repeatedly while others succeed have trouble of their own.
///
///   closed ──`failures` callbacks fail in a row, each for the first time ────────────► open
///          ──nothing succeeds for `probe_every`: `failures` attempts of as many ─────►
///            callbacks, or of all there are
///   open   ──a good answer──► closed
///            one probe every `probe_every`, every second one a fresh callback; the first
///            fresh one as soon as it arrives. Samples: before the first good answer ever,
///            the first kSamples fresh probes come ten times as fast
///
/// The first rule ignores callbacks that failed before the last good answer and overtaken ones. It
/// counts a 403 only once nothing has succeeded for `probe_every`. The second rule is for an outage
/// while only a few callbacks, or only overtaken ones, are in hand: ages must be suspended then,
/// and a fresh callback must be tried at once.
///
/// Before the first good answer ever, either the host is unavailable or only the callbacks at the
/// front have trouble. Samples from behind them tell which within seconds.
///
/// Time: an argument, never going back.
class CircuitBreaker {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;
  struct Settings {
    int failures = 20;
    std::chrono::milliseconds probe_every{10'000};
  };
  struct Failure {
    FailureSpell::Record* callback = nullptr;  ///< Null: counts as a new callback.
    bool is_forbidden = false;                 ///< 403.
    bool is_overtaken = false;  ///< A callback that came later or was sent later was answered.
    std::size_t in_hand = 0;    ///< Callbacks that can be tried at all.
  };
  /// Fresh probes that come fast.
  static constexpr int kSamples = 8;
  enum class Probe {
    kFresh,  ///< A callback that was never tried.
    kOther,
    kToken,  ///< Only the token was requested.
  };

  explicit CircuitBreaker(Settings settings) : settings_(settings) {}

  /// True if this failure opened the breaker.
  bool Failed(const Failure& failure, TimePoint now);
  /// Returns how long the breaker was open if this answer closed it, else zero.
  Duration Answered(TimePoint now);

  [[nodiscard]] bool is_open() const { return is_open_; }

  /// True if a request has failed since the last good answer.
  [[nodiscard]] bool HasFailures() const { return tally_.attempts > 0; }
  /// True if the callback has failed while others succeeded.
  [[nodiscard]] bool HasOwnTrouble(const FailureSpell::Record& callback) const {
    return spell_.IsLeftBehind(callback);
  }

  /// When the next probe may start. Precondition: is_open().
  [[nodiscard]] TimePoint next_probe() const { return next_probe_; }
  /// When the next probe with a callback taken in for it may start.
  [[nodiscard]] TimePoint next_fresh_probe() const { return next_fresh_probe_; }
  void ProbeStarted(Probe probe, TimePoint now);
  void AllowProbe(TimePoint now) { next_probe_ = now; }
  /// True if the next fresh probe is a sample.
  [[nodiscard]] bool IsSampling() const {
    return is_open_ && !has_answered_ && samples_ < kSamples;
  }

  /// A clock that stops while the breaker is open; only differences are meaningful.
  [[nodiscard]] Duration ClosedTime(TimePoint now) const {
    return (is_open_ ? opened_at_ : now).time_since_epoch() - open_before_;
  }

 private:
  /// Since the last good answer.
  struct Tally {
    std::optional<TimePoint> since;  ///< The first failure.
    int attempts = 0;
    std::size_t callbacks = 0;  ///< Each counted once.
    int at_fault = 0;           ///< Callbacks that count against the host, each once.
    int forbidden = 0;
  };
  [[nodiscard]] bool CountsAgainstHost(std::size_t in_hand, TimePoint now) const;

  Settings settings_;
  FailureSpell spell_;
  Tally tally_;
  bool is_open_ = false;
  bool has_answered_ = false;  ///< True once the host has given a good answer.
  int samples_ = 0;            ///< Fresh probes since it opened.
  TimePoint opened_at_{};
  TimePoint next_probe_{};
  TimePoint next_fresh_probe_{};
  Duration open_before_{};  ///< Total of the earlier times open.
};

}  // namespace consumer
