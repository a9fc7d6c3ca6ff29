#include "consumer/kafka/request_watch.h"

namespace consumer {
namespace {

// Kafka protocol: API keys.
constexpr std::int16_t kProduce = 0;
constexpr std::int16_t kAddPartitionsToTxn = 24;
constexpr std::int16_t kAddOffsetsToTxn = 25;
constexpr std::int16_t kEndTxn = 26;
constexpr std::int16_t kTxnOffsetCommit = 28;

bool BelongsToTransaction(std::int16_t api_key) {
  return api_key == kProduce || api_key == kAddPartitionsToTxn || api_key == kAddOffsetsToTxn ||
         api_key == kEndTxn || api_key == kTxnOffsetCommit;
}

constexpr const char* kName = "sluice_request_watch";

}  // namespace

void RequestWatch::Attach(rd_kafka_conf_t* conf) {
  rd_kafka_conf_interceptor_add_on_new(conf, kName, &RequestWatch::OnNew, this);
}

rd_kafka_resp_err_t RequestWatch::OnNew(rd_kafka_t* client, const rd_kafka_conf_t* /*conf*/,
                                        void* opaque, char* /*error*/,
                                        std::size_t /*error_size*/) noexcept {
  rd_kafka_interceptor_add_on_request_sent(client, kName, &RequestWatch::OnSent, opaque);
  rd_kafka_interceptor_add_on_response_received(client, kName, &RequestWatch::OnAnswered, opaque);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t RequestWatch::OnSent(rd_kafka_t* /*client*/, int /*socket*/,
                                         const char* /*broker*/, std::int32_t /*broker_id*/,
                                         std::int16_t api_key, std::int16_t /*api_version*/,
                                         std::int32_t /*correlation_id*/, std::size_t /*size*/,
                                         void* opaque) noexcept {
  if (api_key == kEndTxn) static_cast<RequestWatch*>(opaque)->end_requests_sent_.fetch_add(1);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t RequestWatch::OnAnswered(rd_kafka_t* /*client*/, int /*socket*/,
                                             const char* /*broker*/, std::int32_t /*broker_id*/,
                                             std::int16_t api_key, std::int16_t /*api_version*/,
                                             std::int32_t /*correlation_id*/, std::size_t /*size*/,
                                             std::int64_t /*rtt*/, rd_kafka_resp_err_t err,
                                             void* opaque) noexcept {
  const bool is_answered = err == RD_KAFKA_RESP_ERR_NO_ERROR || err == RD_KAFKA_RESP_ERR__DESTROY;
  if (!is_answered && BelongsToTransaction(api_key)) {
    static_cast<RequestWatch*>(opaque)->has_unanswered_.store(true);
  }
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

}  // namespace consumer
