#include "consumer/policy/rate_limit.h"

#include <algorithm>

namespace consumer {

RateLimit::RateLimit(double per_second) {
  if (per_second <= 0) return;
  const auto tokens = [per_second](double count) {
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(count / per_second));
  };
  interval_ = tokens(1);
  burst_ = tokens(std::max(0.0, per_second / 10 - 1));
}

void RateLimit::Take(TimePoint now) {
  if (interval_ == Duration::zero()) return;
  full_at_ = std::max(full_at_, now) + interval_;
}

}  // namespace consumer
