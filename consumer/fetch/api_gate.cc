#include "consumer/fetch/api_gate.h"

#include <algorithm>

namespace consumer {
namespace {

/// Above this share of recent answers, callbacks with own trouble are not just a few.
constexpr double kMostly = 0.75;
constexpr double kAnswers = 256;
/// Normal answers take a fraction of this.
constexpr std::chrono::seconds kSlow{1};
constexpr std::chrono::seconds kAfterSlow{60};
/// A callback that has waited longer has come with a crowd.
constexpr std::chrono::seconds kFresh{3};
/// For this long after a good answer the host is known to work.
constexpr std::chrono::seconds kWorks{5};

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

std::optional<ApiGate::TimePoint> ApiGate::NextStart(Share share, TimePoint now) const {
  const int limit = concurrency_.limit();
  const int beside = std::max(1, limit / 2);
  const int slow = CountSlow(now);
  const int kept = share == Share::kFresh ? 0 : KeptPlaces(slow, now);
  if (in_flight_ >= max_in_flight_ - kept) return std::nullopt;
  if (share == Share::kTroubled) {
    if (troubled_in_flight_ >= beside) return std::nullopt;
    return std::max(hold_.until(), rate_.NextAt());
  }
  const int moved = std::clamp(beside - troubled_in_flight_, 0, slow);
  const int used = in_flight_ - troubled_in_flight_ - moved;
  const TimePoint hold =
      share == Share::kFresh ? std::min(hold_.until(), hold_.probe_at()) : hold_.until();
  if (used < limit - kept) return std::max(hold, rate_.NextAt());
  const bool may_move_another = moved == slow && moved < beside - troubled_in_flight_;
  if (!may_move_another || slow == static_cast<int>(started_.size())) return std::nullopt;
  const TimePoint moves_at = started_[static_cast<std::size_t>(slow)] + kSlow;
  return std::max({hold, rate_.NextAt(), moves_at});
}

std::optional<ApiGate::TimePoint> ApiGate::FreshSince(TimePoint now) const {
  if (now < hold_.until() && hold_.probe_at() <= hold_.until()) return hold_.fresh_since();
  return KeepsPlaces(now) ? std::optional(now - kFresh) : std::nullopt;
}

// Requests sent together end together, so for a moment none may be slow.
bool ApiGate::KeepsPlaces(TimePoint now) const {
  return CountSlow(now) > 0 || (slow_failed_at_ && now - *slow_failed_at_ <= kAfterSlow);
}

int ApiGate::KeptPlaces(int slow, TimePoint now) const {
  if (!KeepsPlaces(now)) return 0;
  const int limit = concurrency_.limit();
  return std::min((limit + 3) / 4, slow > 0 ? limit : limit - 1);
}

int ApiGate::CountSlow(TimePoint now) const {
  return static_cast<int>(std::upper_bound(started_.begin(), started_.end(), now - kSlow) -
                          started_.begin());
}

ApiGate::TimePoint ApiGate::NextProbe(bool has_fresh) const {
  const TimePoint next = has_fresh ? std::min(breaker_.next_probe(), breaker_.next_fresh_probe())
                                   : breaker_.next_probe();
  const TimePoint hold = has_fresh ? std::min(hold_.until(), hold_.probe_at()) : hold_.until();
  return std::max({next, hold, rate_.NextAt()});
}

void ApiGate::Started(Share share, TimePoint now) {
  rate_.Take(now);
  if (share == Share::kTroubled) {
    ++troubled_in_flight_;
  } else {
    started_.push_back(now);
  }
  if (share == Share::kFresh && now < hold_.until()) hold_.Probed(now);
  events_.InFlightChanged(++in_flight_);
}

void ApiGate::CancelledAll() {
  in_flight_ = 0;
  troubled_in_flight_ = 0;
  started_.clear();
  events_.InFlightChanged(0);
}

void ApiGate::Cancelled(const FetchTask& task) { Leave(task); }

void ApiGate::Leave(const FetchTask& task) {
  if (task.has_started_troubled) {
    --troubled_in_flight_;
  } else {
    started_.erase(std::lower_bound(started_.begin(), started_.end(), task.started));
  }
  events_.InFlightChanged(--in_flight_);
}

std::chrono::milliseconds ApiGate::Took(const Ended& request, FetchTask& task, TimePoint now) {
  const bool works = request.host == HostVerdict::kWorks;
  const bool is_failure = !works && request.host != HostVerdict::kNothing && request.tells_of_host;
  const bool is_congestion =
      IsCongestion(request.fault, request.status, request.retry_after.has_value());
  if (works) {
    task.failures = {};
    good_started_ = std::max(good_started_, task.started);
    Answered(now);
    if (!is_congestion) {
      calm_.Succeeded();
      if (hold_.Answered(task.started, now)) recovery_.Refuted();
      if (task.congestions.spells > 0) recovery_.Recovered();
      good_at_ = now;
      good_ = std::max(good_, task.job.id);
      is_asked_for_less_ = false;
      ChangeConcurrency([&] { concurrency_.Succeeded(in_flight_); });
    }
  } else if (is_failure) {
    Failed({.callback = &task.failures,
            .is_forbidden = request.host == HostVerdict::kForbidden,
            .is_overtaken = IsOvertaken(task, now),
            .in_hand = request.in_hand},
           now);
  }
  const bool is_own = ConcernsTaskOnly(task, is_congestion, now);
  const bool tells_of_load = request.tells_of_host && !(is_own && own_share_ < kMostly);
  if (is_congestion && tells_of_load) {
    ChangeConcurrency([&] { concurrency_.Congested(task.started, now); });
  }
  if (!works && now - task.started >= kSlow) slow_failed_at_ = now;
  Leave(task);
  if (!request.retry_after || is_own || HasOwnTrouble(task)) return std::chrono::milliseconds(0);
  return hold_.Told({.resource = request.resource, .started = task.started}, *request.retry_after,
                    now);
}

bool ApiGate::IsOvertaken(const FetchTask& task, TimePoint now) const {
  if (task.job.is_overtaken || task.started < good_started_) return true;
  return task.job.id < good_ && now - *good_at_ <= kWorks;
}

bool ApiGate::ConcernsTaskOnly(FetchTask& task, bool is_congestion, TimePoint now) {
  constexpr int kSpellsOfCongestion = 3;
  if (is_congestion) {
    is_asked_for_less_ = true;
    if (calm_.Failed(task.congestions) && task.congestions.spells > 1) recovery_.Repeated();
  } else {
    task.congestions = {};
  }
  const bool is_own = task.failures.spells > 1 || task.congestions.spells >= kSpellsOfCongestion;
  own_share_ += ((is_own ? 1 : 0) - own_share_) / kAnswers;
  const bool works = good_at_ && now - *good_at_ <= kWorks;
  return is_own || (is_congestion && works && recovery_.IsRare());
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
