#include "common/kafka/classify_error.h"

#include <string>

namespace common::kafka {
namespace {

std::string Describe(std::string_view call, rd_kafka_resp_err_t error_code,
                     const std::string& text) {
  return std::string(call) + ": " + rd_kafka_err2name(error_code) + ": " + text;
}

bool IsFencing(rd_kafka_resp_err_t error_code) {
  return error_code == RD_KAFKA_RESP_ERR__FENCED ||
         error_code == RD_KAFKA_RESP_ERR_PRODUCER_FENCED ||
         error_code == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID;
}

/// STALE_MEMBER_EPOCH of the consumer group protocol; librdkafka before 2.4 has no name for it.
constexpr auto kStaleMemberEpoch = static_cast<rd_kafka_resp_err_t>(113);

/// The group has rebalanced without us or no longer exists, so it refuses our commit.
bool MeansAnotherGeneration(rd_kafka_resp_err_t error_code) {
  return error_code == RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION ||
         error_code == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID ||
         error_code == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND || error_code == kStaleMemberEpoch;
}

}  // namespace

Error Classify(const rd_kafka_error_t& error, std::string_view call) {
  const rd_kafka_resp_err_t error_code = rd_kafka_error_code(&error);
  std::string detail = Describe(call, error_code, rd_kafka_error_string(&error));
  // After PRODUCER_FENCED in answer to AddOffsetsToTxn, the flags require an abort, and then abort
  // and begin "succeed".
  if (error_code == RD_KAFKA_RESP_ERR__FENCED) {
    return {Remedy::kStop, code::kFenced, std::move(detail)};
  }
  if (rd_kafka_error_is_fatal(&error) != 0) return {Remedy::kStop, code::kFatal, std::move(detail)};
  if (rd_kafka_error_txn_requires_abort(&error) != 0 || MeansAnotherGeneration(error_code)) {
    return {Remedy::kAbort, code::kAbort, std::move(detail)};
  }
  if (rd_kafka_error_is_retriable(&error) != 0) {
    return {Remedy::kRetry, code::kRetriable, std::move(detail)};
  }
  return {Remedy::kStop, code::kUnexpected, std::move(detail)};
}

Error Classify(rd_kafka_resp_err_t error_code, std::string_view call) {
  std::string detail = Describe(call, error_code, rd_kafka_err2str(error_code));
  if (IsFencing(error_code)) return {Remedy::kStop, code::kFenced, std::move(detail)};
  if (MeansAnotherGeneration(error_code)) return {Remedy::kAbort, code::kAbort, std::move(detail)};
  switch (error_code) {
    case RD_KAFKA_RESP_ERR__FATAL:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
    case RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER:
      return {Remedy::kStop, code::kFatal, std::move(detail)};
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
      return {Remedy::kReject, code::kRejected, std::move(detail)};
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
    case RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS:
      return {Remedy::kStop, code::kUnexpected, std::move(detail)};
    default:
      return {Remedy::kRetry, code::kRetriable, std::move(detail)};
  }
}

bool IsNoAnswer(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR__TRANSPORT || error == RD_KAFKA_RESP_ERR__TIMED_OUT ||
         error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || error == RD_KAFKA_RESP_ERR__RESOLVE ||
         error == RD_KAFKA_RESP_ERR__WAIT_COORD;
}

}  // namespace common::kafka
