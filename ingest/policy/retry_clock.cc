#include "ingest/policy/retry_clock.h"

#include <algorithm>
#include <utility>

namespace ingest {
namespace {

constexpr int kResolution = 256;

}  // namespace

RetryClock::RetryClock(std::vector<std::chrono::seconds> schedule)
    : schedule_(std::move(schedule)) {}

void RetryClock::Refused(TimePoint now) {
  last_refusal_ = now;
  if (schedule_.empty()) return;
  if (waiting_.empty() || now - waiting_.back().first >= Span() / kResolution) {
    waiting_.push_back({.first = now, .next_attempt = 0});
  }
}

RetryClock::Reading RetryClock::ReadAt(TimePoint now) {
  Reading reading;
  std::erase_if(waiting_, [&](Waiting& callback) {
    while (callback.next_attempt < schedule_.size()) {
      const TimePoint attempt = callback.first + schedule_[callback.next_attempt];
      if (now < attempt + kPunctuality) return false;
      if (last_refusal_ < attempt) return true;
      ++callback.next_attempt;
    }
    reading.has_given_up = true;
    return true;
  });
  reading.left =
      waiting_.empty() ? Span() : std::max(Duration(), waiting_.front().first + Span() - now);
  return reading;
}

RetryClock::Duration RetryClock::Span() const {
  return schedule_.empty() ? Duration() : Duration(schedule_.back());
}

}  // namespace ingest
