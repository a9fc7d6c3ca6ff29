#include "consumer/policy/host_hold.h"

#include <algorithm>

namespace consumer {

HostHold::Wait HostHold::Told(const Request& request, Wait wait, TimePoint now) {
  const std::string& resource = request.resource;
  const bool is_second = !last_.empty() && last_ != resource && now - told_at_ <= kTogether;
  if (is_second) of_one_ = kLongestOfOne;
  const Wait alone = std::min(wait, of_one_);
  const Wait hold = is_second ? std::max(alone, std::min(wait, wait_)) : alone;
  last_ = resource;
  told_at_ = now;
  told_started_ = std::max(told_started_, request.started);
  wait_ = wait;
  if (now >= until_) probe_at_ = TimePoint::max();
  if (is_second && probe_at_ == TimePoint::max()) {
    probe_wait_ = kFirstProbe;
    probe_at_ = now + probe_wait_;
  }
  until_ = std::max(until_, now + hold);
  return hold;
}

bool HostHold::Answered(TimePoint started, TimePoint now) {
  const bool is_refuted = probe_at_ != TimePoint::max() && started > told_started_ && now < until_;
  if (is_refuted) until_ = now;
  if (now >= until_) probe_at_ = TimePoint::max();
  if (last_.empty()) return is_refuted;
  last_.clear();
  of_one_ /= 2;
  return is_refuted;
}

}  // namespace consumer
