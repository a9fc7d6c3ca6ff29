#include "consumer/policy/concurrency_limit.h"

#include <algorithm>

namespace consumer {

ConcurrencyLimit::ConcurrencyLimit(int ceiling)
    : ceiling_(std::max(1, ceiling)),
      limit_(std::min(ceiling_, static_cast<double>(kStart))),
      threshold_(ceiling_) {}

void ConcurrencyLimit::Succeeded(int in_flight) {
  if (2 * in_flight < limit()) return;
  limit_ = std::min(ceiling_, limit_ + (limit_ < threshold_ ? 1 : 1 / limit_));
}

void ConcurrencyLimit::Congested(TimePoint request_started, TimePoint now) {
  if (request_started < decreased_at_) return;
  limit_ = threshold_ = std::max(1.0, limit_ / 2);
  decreased_at_ = now;
}

void ConcurrencyLimit::Restart() {
  threshold_ = std::max(1.0, limit_ / 2);
  limit_ = 1;
}

}  // namespace consumer
