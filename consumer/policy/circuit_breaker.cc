#include "consumer/policy/circuit_breaker.h"

#include <algorithm>

namespace consumer {
namespace {

constexpr int kFaster = 10;

}  // namespace

bool CircuitBreaker::Failed(const Failure& failure, TimePoint now) {
  if (!tally_.since) tally_.since = now;
  ++tally_.attempts;
  const bool is_another = failure.callback == nullptr || spell_.Failed(*failure.callback);
  if (is_another) {
    ++tally_.callbacks;
    const bool has_failed_before = failure.callback != nullptr && failure.callback->spells > 1;
    if (!has_failed_before && !failure.is_overtaken)
      ++(failure.is_forbidden ? tally_.forbidden : tally_.at_fault);
  }
  if (is_open_ || !CountsAgainstHost(failure.in_hand, now)) return false;
  is_open_ = true;
  samples_ = 0;
  opened_at_ = now;
  next_probe_ = now + settings_.probe_every;
  next_fresh_probe_ = now;
  return true;
}

bool CircuitBreaker::CountsAgainstHost(std::size_t in_hand, TimePoint now) const {
  const bool is_silent = now - *tally_.since >= settings_.probe_every;
  const int different = tally_.at_fault + (is_silent ? tally_.forbidden : 0);
  if (different >= settings_.failures) return true;
  const std::size_t enough = std::min(static_cast<std::size_t>(settings_.failures), in_hand);
  return is_silent && tally_.attempts >= settings_.failures && tally_.callbacks >= enough;
}

CircuitBreaker::Duration CircuitBreaker::Answered(TimePoint now) {
  has_answered_ = true;
  spell_.Succeeded();
  tally_ = Tally();
  if (!is_open_) return Duration::zero();
  is_open_ = false;
  const Duration open_for = now - opened_at_;
  open_before_ += open_for;
  return open_for;
}

void CircuitBreaker::ProbeStarted(Probe probe, TimePoint now) {
  next_probe_ = now + settings_.probe_every;
  if (probe == Probe::kFresh) {
    next_fresh_probe_ =
        IsSampling() ? now + settings_.probe_every / kFaster : next_probe_ + settings_.probe_every;
    ++samples_;
  }
  if (probe == Probe::kToken) next_fresh_probe_ = std::max(next_fresh_probe_, next_probe_);
}

}  // namespace consumer
