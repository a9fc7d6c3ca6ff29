#include "ingest/policy/unverified_bodies.h"

namespace ingest {

bool UnverifiedBodies::Reserve(std::size_t own, std::size_t more, TimePoint now) {
  return state_.With([&](State& state) {
    state.PassTime(now);
    if (more > max_bytes_ || state.used > max_bytes_ - more) return false;
    if (own + more > kSmall) {
      const std::size_t others = state.used - own;
      if (others > max_bytes_ / 2 || state.wasted >= kMostWasted) return false;
    }
    state.used += more;
    return true;
  });
}

void UnverifiedBodies::Release(std::size_t bytes) {
  state_.With([&](State& state) { state.used -= bytes; });
}

void UnverifiedBodies::Wasted(std::size_t bytes, TimePoint now) {
  state_.With([&](State& state) {
    state.PassTime(now);
    state.wasted += bytes;
  });
}

void UnverifiedBodies::State::PassTime(TimePoint now) {
  if (now - second < std::chrono::seconds(1)) return;
  second = now;
  wasted = 0;
}

}  // namespace ingest
