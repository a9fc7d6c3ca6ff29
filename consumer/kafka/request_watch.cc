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

}  // namespace

void RequestWatch::OnSent(std::int16_t api_key) noexcept {
  if (api_key == kEndTxn) end_requests_sent_.fetch_add(1);
}

void RequestWatch::OnEnded(std::int16_t api_key, rd_kafka_resp_err_t error) noexcept {
  const bool is_answered =
      error == RD_KAFKA_RESP_ERR_NO_ERROR || error == RD_KAFKA_RESP_ERR__DESTROY;
  if (!is_answered && BelongsToTransaction(api_key)) has_unanswered_.store(true);
}

}  // namespace consumer
