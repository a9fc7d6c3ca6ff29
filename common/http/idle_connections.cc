#include "common/http/idle_connections.h"

namespace common::http {

void IdlePlace::Leave() {
  if (in_ == nullptr) return;
  (previous_ == nullptr ? in_->first_ : previous_->next_) = next_;
  (next_ == nullptr ? in_->last_ : next_->previous_) = previous_;
  in_->Publish(in_->size() - 1);
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
  Publish(size() + 1);
}

void IdleConnections::Publish(std::size_t size) {
  if (first_ != nullptr) {
    oldest_since_.store(first_->since_.time_since_epoch().count(), std::memory_order_relaxed);
  }
  // Behind it: whoever sees that some are idle does not see the time of one that has left.
  size_.store(size, std::memory_order_release);
}

}  // namespace common::http
