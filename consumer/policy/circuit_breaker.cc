#include "consumer/policy/circuit_breaker.h"

namespace consumer {

bool CircuitBreaker::Failed(TimePoint now) {
  if (is_open_ || ++failures_ < settings_.failures) return false;
  is_open_ = true;
  opened_at_ = now;
  next_probe_ = now + settings_.probe_every;
  return true;
}

CircuitBreaker::Duration CircuitBreaker::Answered(TimePoint now) {
  failures_ = 0;
  if (!is_open_) return Duration::zero();
  is_open_ = false;
  const Duration open_for = now - opened_at_;
  open_before_ += open_for;
  return open_for;
}

}  // namespace consumer
