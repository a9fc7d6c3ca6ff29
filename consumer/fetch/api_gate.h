#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "consumer/fetch/fetch_events.h"
#include "consumer/fetch/fetch_settings.h"
#include "consumer/fetch/job_queue.h"
#include "consumer/policy/circuit_breaker.h"
#include "consumer/policy/concurrency_limit.h"
#include "consumer/policy/failure_spell.h"
#include "consumer/policy/host_hold.h"
#include "consumer/policy/rate_limit.h"
#include "consumer/policy/reaction.h"
#include "consumer/policy/recovery.h"
#include "consumer/policy/transport_fault.h"

namespace consumer {

/// Decides when a request may go to the API: circuit breaker, adaptive concurrency, rate limit and
/// Retry-After, fed with the outcome of each request. Token requests count for the breaker only.
///
/// Judges the host by the outcomes of different callbacks. A callback that fails repeatedly while
/// others succeed has trouble of its own: it does not count against the host, does not lower the
/// concurrency, and holds back only itself. It has a few places beside those of the others, so it
/// takes none of theirs. If callbacks that ask for less load are hardly ever answered later, the
/// same holds for those that ask for the first time. An overtaken callback does not count against
/// the host either: the host answers another one that came later or was sent later.
///
/// A slow request moves to the places beside, as far as there is room. While there are slow
/// requests, a quarter of the limit is reserved for newly taken-in callbacks. So the others find a
/// place, whatever times out.
///
/// Time: an argument.
class ApiGate {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// Lifetime: `events` must outlive it.
  ApiGate(const FetchSettings& settings, FetchEvents& events);

  [[nodiscard]] const CircuitBreaker& breaker() const { return breaker_; }
  /// True if it has given a good answer after `time`.
  [[nodiscard]] bool HasAnsweredSince(TimePoint time) const { return good_at_ && *good_at_ > time; }

  enum class Share {
    kTroubled,  ///< Trouble of its own.
    kBacklog,
    kFresh,  ///< Taken in at FreshSince() or later, and not failed yet.
  };
  /// When the next request may start while the breaker is closed. None: not before one ends.
  [[nodiscard]] std::optional<TimePoint> NextStart(Share share, TimePoint now) const;
  /// None: no place is reserved for fresh callbacks.
  [[nodiscard]] std::optional<TimePoint> FreshSince(TimePoint now) const;
  [[nodiscard]] bool IsHeld(TimePoint now) const { return now < hold_.until(); }
  /// A request has failed, or asked for less load, since the last good answer. A callback that came
  /// with another crowd then tells more.
  [[nodiscard]] bool IsInDoubt() const { return breaker_.HasFailures() || is_asked_for_less_; }
  /// When the next probe may start while the breaker is open. `has_fresh`: a callback was taken in
  /// for it.
  [[nodiscard]] TimePoint NextProbe(bool has_fresh) const;
  void Started(Share share, TimePoint now);
  void CancelledAll();
  void Cancelled(const FetchTask& task);

  /// True if the callback has failed, or twice asked for less load, while others succeeded.
  [[nodiscard]] bool HasOwnTrouble(const FetchTask& task) const {
    return breaker_.HasOwnTrouble(task.failures) || task.congestions.spells > 1;
  }

  struct Ended {
    TransportFault fault = TransportFault::kNone;
    int status = 0;
    HostVerdict host = HostVerdict::kNothing;
    /// False for a 401 that a new token may cure and for a timeout of our own making.
    bool tells_of_host = true;
    std::string resource;                                  ///< A unique name.
    std::optional<std::chrono::milliseconds> retry_after;  ///< Positive.
    std::size_t in_hand = 0;                               ///< Callbacks that can be tried at all.
  };
  /// The request of `task` has ended. Returns how long its Retry-After holds the host; zero: not.
  std::chrono::milliseconds Took(const Ended& request, FetchTask& task, TimePoint now);

  /// Has no counterpart, because a new token is not an answer of the API, which may still refuse
  /// it.
  void TokenFailed(std::size_t in_hand, TimePoint now) { Failed({.in_hand = in_hand}, now); }

  /// While the breaker is open, the next probe comes a period after this one, or at once if this
  /// one told nothing.
  void ProbeStarted(CircuitBreaker::Probe probe, TimePoint now) {
    if (breaker_.is_open()) breaker_.ProbeStarted(probe, now);
  }
  void ProbeInconclusive(TimePoint now) {
    if (breaker_.is_open()) breaker_.AllowProbe(now);
  }

 private:
  void Failed(const CircuitBreaker::Failure& failure, TimePoint now);
  void Answered(TimePoint now);
  /// True if the host answers callbacks that came later or were sent later.
  [[nodiscard]] bool IsOvertaken(const FetchTask& task, TimePoint now) const;
  /// True if this answer says something about the task alone, provided that others succeed.
  bool ConcernsTaskOnly(FetchTask& task, bool is_congestion, TimePoint now);
  void Leave(const FetchTask& task);
  [[nodiscard]] bool KeepsPlaces(TimePoint now) const;
  [[nodiscard]] int KeptPlaces(int slow, TimePoint now) const;
  [[nodiscard]] int CountSlow(TimePoint now) const;
  template <typename Change>
  void ChangeConcurrency(Change change);

  FetchEvents& events_;
  CircuitBreaker breaker_;
  ConcurrencyLimit concurrency_;
  RateLimit rate_;
  const int max_in_flight_;
  int in_flight_ = 0;
  int troubled_in_flight_ = 0;      ///< Of these.
  std::vector<TimePoint> started_;  ///< Starts of the others, ascending.
  std::optional<TimePoint> slow_failed_at_;
  FailureSpell calm_;     ///< Until the next answer that does not ask for less load.
  double own_share_ = 0;  ///< Share of recent answers to callbacks with own trouble.
  Recovery recovery_;
  std::optional<TimePoint> good_at_;           ///< The last good answer.
  TimePoint good_started_ = TimePoint::min();  ///< Latest start of a request with a good answer.
  JobId good_ = 0;                             ///< Latest arrival with a good answer.
  bool is_asked_for_less_ = false;             ///< Since the last good answer.
  HostHold hold_;
};

}  // namespace consumer
