#include "consumer/fetch/api_gate.h"

#include <algorithm>

#include "consumer/policy/reaction.h"

namespace consumer {

ApiGate::ApiGate(const FetchSettings& settings, FetchEvents& events)
    : events_(events),
      breaker_(
          {.failures = settings.breaker_failures, .probe_every = settings.breaker_probe_every}),
      concurrency_(settings.max_in_flight),
      rate_(settings.rate_limit) {
  events_.ConcurrencyLimitChanged(concurrency_.limit());
}

std::optional<ApiGate::TimePoint> ApiGate::NextStart() const {
  const TimePoint start = std::max(hold_until_, rate_.NextAt());
  if (breaker_.is_open()) return std::max(start, breaker_.next_probe());
  if (in_flight_ >= concurrency_.limit()) return std::nullopt;
  return start;
}

void ApiGate::Started(TimePoint now) {
  rate_.Take(now);
  ProbeStarted(now);
  events_.InFlightChanged(++in_flight_);
}

void ApiGate::CancelledAll() {
  in_flight_ = 0;
  events_.InFlightChanged(0);
}

void ApiGate::Took(const Ended& request, TimePoint now) {
  if (request.retry_after) hold_until_ = std::max(hold_until_, now + *request.retry_after);
  const bool is_congestion =
      IsCongestion(request.fault, request.status, request.retry_after.has_value());
  if (is_congestion && request.tells_of_host) {
    ChangeConcurrency([&] { concurrency_.Congested(request.started, now); });
  }
  if (request.host == HostVerdict::kWorks) {
    Answered(now);
    if (!is_congestion) ChangeConcurrency([&] { concurrency_.Succeeded(in_flight_); });
  } else if (request.host != HostVerdict::kNothing && request.tells_of_host) {
    Failed(now);
  }
  events_.InFlightChanged(--in_flight_);
}

void ApiGate::Failed(TimePoint now) {
  if (!breaker_.Failed(now)) return;
  events_.BreakerOpened();
  ChangeConcurrency([&] { concurrency_.Restart(); });
}

void ApiGate::Answered(TimePoint now) {
  const bool was_open = breaker_.is_open();
  const auto open_for = breaker_.Answered(now);
  if (was_open) events_.BreakerClosed(open_for);
}

template <typename Change>
void ApiGate::ChangeConcurrency(Change change) {
  const int before = concurrency_.limit();
  change();
  if (concurrency_.limit() != before) events_.ConcurrencyLimitChanged(concurrency_.limit());
}

}  // namespace consumer
