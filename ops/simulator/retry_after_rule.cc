#include "ops/simulator/retry_after_rule.h"

#include <algorithm>

namespace simulator {
namespace {

using std::chrono::seconds;

constexpr seconds kHearing{1};
constexpr seconds kTogether{10};
constexpr std::size_t kMostPaths = 1'000'000;

}  // namespace

void RetryAfterRule::Wait::Extend(TimePoint heard_at, TimePoint new_until) {
  if (heard_at >= until) known_from = heard_at + kHearing;
  until = std::max(until, new_until);
}

bool RetryAfterRule::IsBroken(std::string_view path, TimePoint now) const {
  if (host_.Holds(now)) return true;
  const auto found = paths_.find(std::string(path));
  return found != paths_.end() && found->second.wait.Holds(now);
}

void RetryAfterRule::Told(std::string_view path, TimePoint heard_at, TimePoint until) {
  if (paths_.size() >= kMostPaths) paths_.clear();
  const auto [entry, is_new] = paths_.try_emplace(std::string(path));
  Path& told = entry->second;
  if (is_new) told.first_told_at = heard_at;
  told.wait.Extend(heard_at, until);
  if (!is_new && last_good_ > told.first_told_at) return;
  // Answers in flight at the same time may arrive in another order.
  const bool is_second = !last_.empty() && last_ != path && heard_at - last_told_at_ <= kTogether &&
                         last_good_ + kHearing < last_told_at_;
  if (is_second) host_.Extend(heard_at, std::min(until, last_until_));
  last_ = path;
  last_told_at_ = heard_at;
  last_until_ = until;
}

void RetryAfterRule::AnsweredWell(std::string_view path, TimePoint heard_at) {
  paths_.erase(std::string(path));
  last_good_ = std::max(last_good_, heard_at);
}

}  // namespace simulator
