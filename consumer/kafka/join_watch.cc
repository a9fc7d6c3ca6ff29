#include "consumer/kafka/join_watch.h"

namespace consumer {
namespace {

constexpr std::int16_t kJoinGroup = 11;  // Kafka protocol: API key.
constexpr const char* kName = "sluice_join_watch";

}  // namespace

void JoinWatch::Attach(rd_kafka_conf_t* conf) {
  rd_kafka_conf_interceptor_add_on_new(conf, kName, &JoinWatch::OnNew, this);
}

void JoinWatch::Sent() {
  state_.With([](State& state) { state.is_sent = true; });
}

// What never left this machine ends without having been sent.
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

rd_kafka_resp_err_t JoinWatch::OnNew(rd_kafka_t* client, const rd_kafka_conf_t* /*conf*/,
                                     void* opaque, char* /*error*/,
                                     std::size_t /*error_size*/) noexcept {
  rd_kafka_interceptor_add_on_request_sent(client, kName, &JoinWatch::OnSent, opaque);
  rd_kafka_interceptor_add_on_response_received(client, kName, &JoinWatch::OnAnswered, opaque);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t JoinWatch::OnSent(rd_kafka_t* /*client*/, int /*socket*/,
                                      const char* /*broker*/, std::int32_t /*broker_id*/,
                                      std::int16_t api_key, std::int16_t /*api_version*/,
                                      std::int32_t /*correlation_id*/, std::size_t /*size*/,
                                      void* opaque) noexcept {
  if (api_key == kJoinGroup) static_cast<JoinWatch*>(opaque)->Sent();
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t JoinWatch::OnAnswered(rd_kafka_t* /*client*/, int /*socket*/,
                                          const char* /*broker*/, std::int32_t /*broker_id*/,
                                          std::int16_t api_key, std::int16_t /*api_version*/,
                                          std::int32_t /*correlation_id*/, std::size_t /*size*/,
                                          std::int64_t /*rtt*/, rd_kafka_resp_err_t err,
                                          void* opaque) noexcept {
  if (api_key == kJoinGroup) {
    static_cast<JoinWatch*>(opaque)->Ended(err == RD_KAFKA_RESP_ERR_NO_ERROR, Clock::now());
  }
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

}  // namespace consumer
