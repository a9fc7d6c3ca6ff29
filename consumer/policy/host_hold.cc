#include "consumer/policy/host_hold.h"

#include <algorithm>

namespace consumer {

HostHold::Wait HostHold::Told(const std::string& resource, Wait wait, TimePoint now) {
  const bool is_second = !last_.empty() && last_ != resource && now - told_at_ <= kTogether;
  if (is_second) of_one_ = kLongestOfOne;
  const Wait alone = std::min(wait, of_one_);
  const Wait hold = is_second ? std::max(alone, std::min(wait, wait_)) : alone;
  last_ = resource;
  told_at_ = now;
  wait_ = wait;
  until_ = std::max(until_, now + hold);
  return hold;
}

void HostHold::Answered() {
  if (last_.empty()) return;
  last_.clear();
  of_one_ /= 2;
}

}  // namespace consumer
