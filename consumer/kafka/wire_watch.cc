#include "consumer/kafka/wire_watch.h"

namespace consumer {
namespace {

constexpr const char* kName = "sluice_wire_watch";

}  // namespace

void WireWatch::Attach(rd_kafka_conf_t* conf) {
  rd_kafka_conf_interceptor_add_on_new(conf, kName, &WireWatch::HearNew, this);
}

rd_kafka_resp_err_t WireWatch::HearNew(rd_kafka_t* client, const rd_kafka_conf_t* /*conf*/,
                                       void* opaque, char* /*error*/,
                                       std::size_t /*error_size*/) noexcept {
  rd_kafka_interceptor_add_on_request_sent(client, kName, &WireWatch::HearSent, opaque);
  rd_kafka_interceptor_add_on_response_received(client, kName, &WireWatch::HearEnded, opaque);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t WireWatch::HearSent(rd_kafka_t* /*client*/, int /*socket*/,
                                        const char* /*broker*/, std::int32_t /*broker_id*/,
                                        std::int16_t api_key, std::int16_t /*api_version*/,
                                        std::int32_t /*correlation_id*/, std::size_t /*size*/,
                                        void* opaque) noexcept {
  static_cast<WireWatch*>(opaque)->OnSent(api_key);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t WireWatch::HearEnded(rd_kafka_t* /*client*/, int /*socket*/,
                                         const char* /*broker*/, std::int32_t /*broker_id*/,
                                         std::int16_t api_key, std::int16_t /*api_version*/,
                                         std::int32_t /*correlation_id*/, std::size_t /*size*/,
                                         std::int64_t /*rtt*/, rd_kafka_resp_err_t error,
                                         void* opaque) noexcept {
  static_cast<WireWatch*>(opaque)->OnEnded(api_key, error);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

}  // namespace consumer
