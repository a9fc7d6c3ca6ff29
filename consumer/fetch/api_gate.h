#pragma once

#include <chrono>
#include <optional>

#include "consumer/fetch/fetch_events.h"
#include "consumer/fetch/fetch_settings.h"
#include "consumer/policy/circuit_breaker.h"
#include "consumer/policy/concurrency_limit.h"
#include "consumer/policy/rate_limit.h"
#include "consumer/policy/reaction.h"
#include "consumer/policy/transport_fault.h"

namespace consumer {

/// When the API may be asked: circuit breaker, adaptive concurrency, rate limit and Retry-After,
/// fed with what became of each request. Token requests count for the breaker only.
///
/// Time: an argument.
class ApiGate {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// Lifetime: `events` must outlive it.
  ApiGate(const FetchSettings& settings, FetchEvents& events);

  [[nodiscard]] const CircuitBreaker& breaker() const { return breaker_; }

  /// When the next request may start; while the breaker is open, the next probe. None: not before
  /// one has ended.
  [[nodiscard]] std::optional<TimePoint> NextStart() const;
  void Started(TimePoint now);
  void CancelledAll();

  struct Ended {
    TransportFault fault = TransportFault::kNone;
    int status = 0;
    HostVerdict host = HostVerdict::kNothing;
    TimePoint started{};
    std::optional<std::chrono::milliseconds> retry_after;
    /// A 401 that a new token may mend tells nothing about the host; nor does a timeout of our own
    /// making.
    bool tells_of_host = true;
  };
  void Took(const Ended& request, TimePoint now);

  /// A new token is no answer of the API, which may still refuse it; so there is no counterpart.
  void TokenFailed(TimePoint now) { Failed(now); }

  /// While the breaker is open: the next probe comes a period after this one, or at once if this
  /// one told nothing.
  void ProbeStarted(TimePoint now) {
    if (breaker_.is_open()) breaker_.ProbeStarted(now);
  }
  void ProbeToldNothing(TimePoint now) {
    if (breaker_.is_open()) breaker_.AllowProbe(now);
  }

 private:
  void Failed(TimePoint now);
  void Answered(TimePoint now);
  template <typename Change>
  void ChangeConcurrency(Change change);

  FetchEvents& events_;
  CircuitBreaker breaker_;
  ConcurrencyLimit concurrency_;
  RateLimit rate_;
  int in_flight_ = 0;
  TimePoint hold_until_ = TimePoint::min();  ///< Retry-After.
};

}  // namespace consumer
