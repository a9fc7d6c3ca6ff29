#include "common/http/idle_connections.h"

namespace common::http {

void IdlePlace::Leave() {
  if (in_ == nullptr) return;
  (previous_ == nullptr ? in_->first_ : previous_->next_) = next_;
  (next_ == nullptr ? in_->last_ : next_->previous_) = previous_;
  in_->is_empty_.store(in_->first_ == nullptr, std::memory_order_relaxed);
  in_ = nullptr;
  previous_ = next_ = nullptr;
}

void IdleConnections::Enter(IdlePlace& place, TimePoint since) {
  if (place.in_ == this && place.since_ == since) return;
  place.Leave();
  place.in_ = this;
  place.since_ = since;
  place.previous_ = last_;
  (last_ == nullptr ? first_ : last_->next_) = &place;
  last_ = &place;
  is_empty_.store(false, std::memory_order_relaxed);
}

}  // namespace common::http
