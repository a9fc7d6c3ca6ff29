#include "consumer/fetch/token_cache.h"

#include <algorithm>
#include <utility>

namespace consumer {

const std::string* TokenCache::Usable(TimePoint now) const {
  return token_.empty() || now >= expires_at_ ? nullptr : &token_;
}

bool TokenCache::IsWanted(TimePoint now) const {
  return !is_under_way_ && (token_.empty() || now >= renew_at_);
}

TokenCache::TimePoint TokenCache::NotBefore(bool is_probe) const {
  return is_probe ? hold_until_ : std::max(retry_at_, hold_until_);
}

void TokenCache::Requested(TimePoint now) {
  is_under_way_ = true;
  requested_at_ = now;
}

void TokenCache::Renewed(std::string token, std::optional<std::chrono::seconds> expires_in) {
  const std::chrono::milliseconds life =
      std::max(expires_in.value_or(kLifeIfUnsaid), kShortestLife);
  const std::chrono::milliseconds margin =
      std::min<std::chrono::milliseconds>(life / 5, std::chrono::seconds(60));
  is_under_way_ = false;
  failures_ = 0;
  token_ = std::move(token);
  ++generation_;
  expires_at_ = requested_at_ + life;
  renew_at_ = expires_at_ - margin;
}

void TokenCache::Failed(TimePoint now, double unit_random) {
  is_under_way_ = false;
  retry_at_ = now + backoff_.Delay(failures_++, unit_random);
}

void TokenCache::HoldUntil(TimePoint until) { hold_until_ = std::max(hold_until_, until); }

void TokenCache::ForgetFailures() {
  failures_ = 0;
  retry_at_ = TimePoint::min();
}

void TokenCache::Drop(std::uint64_t generation) {
  if (generation == generation_) token_.clear();
}

}  // namespace consumer
