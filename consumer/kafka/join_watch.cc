#include "consumer/kafka/join_watch.h"

namespace consumer {
namespace {

constexpr std::int16_t kJoinGroup = 11;  // Kafka protocol: API key.

}  // namespace

void JoinWatch::Sent() {
  state_.With([](State& state) { state.is_sent = true; });
}

// A request that never left this machine ends without having been sent.
void JoinWatch::Ended(bool is_answered, Clock::time_point now) {
  state_.With([&](State& state) {
    if (is_answered) {
      if (!state.answered_at) state.answered_at = now;
    } else if (state.is_sent) {
      state.is_lost = true;
      state.answered_at.reset();
    }
    state.is_sent = false;
  });
}

bool JoinWatch::MayComeLate(Clock::time_point now) const {
  return state_.With([&](const State& state) {
    return state.is_lost && (!state.answered_at || now - *state.answered_at < kLate);
  });
}

void JoinWatch::OnSent(std::int16_t api_key) noexcept {
  if (api_key == kJoinGroup) Sent();
}

void JoinWatch::OnEnded(std::int16_t api_key, rd_kafka_resp_err_t error) noexcept {
  if (api_key == kJoinGroup) Ended(error == RD_KAFKA_RESP_ERR_NO_ERROR, Clock::now());
}

}  // namespace consumer
