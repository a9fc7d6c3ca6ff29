#include "common/kafka/classify_error.h"

#include <gtest/gtest.h>

#include "common/kafka/handles.h"

namespace common::kafka {
namespace {

std::string_view Name(Remedy remedy) {
  switch (remedy) {
    case Remedy::kRetry:
      return "retry";
    case Remedy::kAbort:
      return "abort";
    case Remedy::kReject:
      return "reject";
    case Remedy::kStop:
      return "stop";
  }
  return "";
}

std::string Describe(const Error& error) {
  return std::string(Name(error.remedy)) + " " + std::string(error.code);
}

TEST(ClassifyError, SortsCodesByRemedy) {
  const struct {
    rd_kafka_resp_err_t code;
    std::string_view expected;
  } kCases[] = {
      {RD_KAFKA_RESP_ERR__FENCED, "stop fenced"},
      {RD_KAFKA_RESP_ERR_PRODUCER_FENCED, "stop fenced"},
      {RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, "stop fenced"},
      {RD_KAFKA_RESP_ERR__FATAL, "stop fatal"},
      {RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, "stop fatal"},
      {RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, "stop fatal"},
      {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, "reject rejected"},
      {RD_KAFKA_RESP_ERR_INVALID_MSG, "reject rejected"},
      {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, "stop unexpected"},
      {RD_KAFKA_RESP_ERR__AUTHENTICATION, "stop unexpected"},
      {RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, "retry retriable"},
      {RD_KAFKA_RESP_ERR__QUEUE_FULL, "retry retriable"},
      {RD_KAFKA_RESP_ERR__TRANSPORT, "retry retriable"},
      {RD_KAFKA_RESP_ERR__PURGE_QUEUE, "retry retriable"},
      {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, "retry retriable"},
      {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, "retry retriable"},
      {RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, "abort must_abort"},
      {RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, "abort must_abort"},
      {RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND, "abort must_abort"},
      {static_cast<rd_kafka_resp_err_t>(113), "abort must_abort"},  // STALE_MEMBER_EPOCH
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(rd_kafka_err2name(c.code));
    EXPECT_EQ(Describe(Classify(c.code, "produce")), c.expected);
  }
}

TEST(ClassifyError, NamesTheCallAndLibrdkafkasMessage) {
  EXPECT_EQ(Classify(RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, "produce").detail,
            "produce: _MSG_TIMED_OUT: Local: Message timed out");
}

// The component ring tests errors with flags: a mock cluster raises them.
TEST(ClassifyError, TreatsAnErrorWithoutFlagsAsUnexpected) {
  const ErrorHandle error(rd_kafka_error_new(RD_KAFKA_RESP_ERR__STATE, "no transaction"));
  EXPECT_EQ(Describe(Classify(*error, "commit")), "stop unexpected");
  EXPECT_EQ(Classify(*error, "commit").detail, "commit: _STATE: no transaction");
}

TEST(ClassifyError, RequiresAnAbortOnAStaleGenerationWithoutFlags) {
  for (const int number : {22, 25, 69, 113}) {
    const ErrorHandle error(rd_kafka_error_new(static_cast<rd_kafka_resp_err_t>(number), "gone"));
    EXPECT_EQ(Describe(Classify(*error, "send_offsets")), "abort must_abort") << number;
  }
}

TEST(ClassifyError, RecognisesFencedWithoutFlags) {
  const ErrorHandle error(rd_kafka_error_new(RD_KAFKA_RESP_ERR__FENCED, "newer instance"));
  EXPECT_EQ(Describe(Classify(*error, "begin")), "stop fenced");
}

}  // namespace
}  // namespace common::kafka
