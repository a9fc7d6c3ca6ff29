#include "consumer/lane/callback_reading.h"

#include <algorithm>

namespace consumer {

void CallbackReading::Learn(const LogBounds& bounds, const Moment& now) {
  end_ = bounds.end;
  const auto ago = std::chrono::ceil<std::chrono::milliseconds>(now.steady - bounds.looked_up_at);
  end_seen_at_ = now.wall - ago;
  // It is later only if the clock was set back.
  until_ = std::min(until_, now.wall);
  if (passing_ && bounds.looked_up_at >= passing_->read_at) passing_->is_before_end = true;
}

void CallbackReading::Announced(common::WallTime at, std::chrono::steady_clock::time_point now) {
  if (!passing_) passing_ = {.time = at, .read_at = now};
}

std::optional<common::WallTime> CallbackReading::HasReached(Offset next) {
  if (!end_ || next < *end_) return std::nullopt;
  until_ = std::max(until_, end_seen_at_);
  if (!passing_ || !passing_->is_before_end) return std::nullopt;
  const common::WallTime passed = passing_->time;
  passing_.reset();
  return passed;
}

}  // namespace consumer
