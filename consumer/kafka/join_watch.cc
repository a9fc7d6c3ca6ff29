#include "consumer/kafka/join_watch.h"

namespace consumer {
namespace {

constexpr std::int16_t kJoinGroup = 11;  // Kafka protocol: API key.

}  // namespace

bool JoinWatch::State::HasExpired(Clock::time_point now) const {
  return answered_at && now - *answered_at >= kLate;
}

void JoinWatch::Sent() {
  state_.With([](State& state) { ++state.in_flight; });
}

// A request that never left this machine ends without having been sent.
void JoinWatch::Ended(bool is_answered, Clock::time_point now) {
  state_.With([&](State& state) {
    const bool was_sent = state.in_flight > 0;
    if (was_sent) --state.in_flight;
    if (is_answered) {
      if (!state.answered_at) state.answered_at = now;
    } else if (was_sent) {
      if (state.HasExpired(now)) state.lost = 0;
      ++state.lost;
      state.answered_at.reset();
    }
  });
}

bool JoinWatch::TakeLateJoin(Clock::time_point now) {
  return state_.With([&](State& state) {
    if (state.lost == 0 || state.HasExpired(now)) return false;
    --state.lost;
    return true;
  });
}

void JoinWatch::OnSent(std::int16_t api_key) noexcept {
  if (api_key == kJoinGroup) Sent();
}

void JoinWatch::OnEnded(std::int16_t api_key, rd_kafka_resp_err_t error) noexcept {
  if (api_key == kJoinGroup) Ended(error == RD_KAFKA_RESP_ERR_NO_ERROR, Clock::now());
}

}  // namespace consumer
