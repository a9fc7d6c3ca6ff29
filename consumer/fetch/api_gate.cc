#include "consumer/fetch/api_gate.h"

#include <algorithm>

namespace consumer {
namespace {

/// If most of the last answers are of callbacks with own trouble, they are not a few.
constexpr double kMostly = 0.75;
constexpr double kAnswers = 256;

}  // namespace

ApiGate::ApiGate(const FetchSettings& settings, FetchEvents& events)
    : events_(events),
      breaker_(
          {.failures = settings.breaker_failures, .probe_every = settings.breaker_probe_every}),
      concurrency_(settings.max_in_flight),
      rate_(settings.rate_limit),
      max_in_flight_(std::max(1, settings.max_in_flight)) {
  events_.ConcurrencyLimitChanged(concurrency_.limit());
}

std::optional<ApiGate::TimePoint> ApiGate::NextStart(bool is_troubled) const {
  const int limit = concurrency_.limit();
  const int used = is_troubled ? troubled_in_flight_ : in_flight_ - troubled_in_flight_;
  const int allowed = is_troubled ? std::max(1, limit / 2) : limit;
  if (used >= allowed || in_flight_ >= max_in_flight_) return std::nullopt;
  return std::max(hold_.until(), rate_.NextAt());
}

ApiGate::TimePoint ApiGate::NextProbe(bool has_fresh) const {
  const TimePoint next = has_fresh ? std::min(breaker_.next_probe(), breaker_.next_fresh_probe())
                                   : breaker_.next_probe();
  return std::max({next, hold_.until(), rate_.NextAt()});
}

void ApiGate::Started(bool is_troubled, TimePoint now) {
  rate_.Take(now);
  if (is_troubled) ++troubled_in_flight_;
  events_.InFlightChanged(++in_flight_);
}

void ApiGate::CancelledAll() {
  in_flight_ = 0;
  troubled_in_flight_ = 0;
  events_.InFlightChanged(0);
}

std::chrono::milliseconds ApiGate::Took(const Ended& request, FetchTask& task, TimePoint now) {
  const bool works = request.host == HostVerdict::kWorks;
  const bool is_failure = !works && request.host != HostVerdict::kNothing && request.tells_of_host;
  const bool is_congestion =
      IsCongestion(request.fault, request.status, request.retry_after.has_value());
  if (works) {
    task.failures = {};
    Answered(now);
    if (!is_congestion) {
      calm_.Succeeded();
      hold_.Answered();
      ChangeConcurrency([&] { concurrency_.Succeeded(in_flight_); });
    }
  } else if (is_failure) {
    Failed({.callback = &task.failures,
            .is_forbidden = request.host == HostVerdict::kForbidden,
            .in_hand = request.in_hand},
           now);
  }
  const bool is_own = HasOwnTrouble(task, is_congestion);
  const bool tells_of_load = request.tells_of_host && !(is_own && own_share_ < kMostly);
  if (is_congestion && tells_of_load) {
    ChangeConcurrency([&] { concurrency_.Congested(task.started, now); });
  }
  if (task.has_started_troubled) --troubled_in_flight_;
  events_.InFlightChanged(--in_flight_);
  if (!request.retry_after || is_own) return std::chrono::milliseconds(0);
  return hold_.Told(request.resource, *request.retry_after, now);
}

bool ApiGate::HasOwnTrouble(FetchTask& task, bool is_congestion) {
  constexpr int kSpellsOfCongestion = 3;
  if (is_congestion) {
    calm_.Failed(task.congestions);
  } else {
    task.congestions = {};
  }
  const bool is_own = task.failures.spells > 1 || task.congestions.spells >= kSpellsOfCongestion;
  own_share_ += ((is_own ? 1 : 0) - own_share_) / kAnswers;
  return is_own;
}

void ApiGate::Failed(const CircuitBreaker::Failure& failure, TimePoint now) {
  if (!breaker_.Failed(failure, now)) return;
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
