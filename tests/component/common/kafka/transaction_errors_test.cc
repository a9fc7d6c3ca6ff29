#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <string>

#include "common/kafka/classify_error.h"
#include "common/kafka/client_config.h"
#include "common/kafka/record_sender.h"
#include "tests/component/common/kafka/mock_cluster.h"

namespace common::kafka {
namespace {

constexpr int kLimitMs = 10'000;

// API keys of Kafka's protocol.
constexpr std::int16_t kProduce = 0;
constexpr std::int16_t kAddOffsetsToTxn = 25;
constexpr std::int16_t kEndTxn = 26;
constexpr std::int16_t kTxnOffsetCommit = 28;

/// A producer with an open transaction and the calls that can fail.
class TransactionErrors : public testing::Test {
 protected:
  TransactionErrors() : cluster_(1) {
    cluster_.CreateTopic("t", 1);
    const Properties own = {
        {"transactional.id", "unit"}, {"retry.backoff.ms", "20"}, {"log_level", "0"}};
    const Properties where = cluster_.properties();
    producer_ = *NewProducer(*BuildConf({&own, &where}));
    Expect(rd_kafka_init_transactions(producer_.get(), kLimitMs));
    Expect(rd_kafka_begin_transaction(producer_.get()));
  }

  static void Expect(rd_kafka_error_t* raw) {
    const ErrorHandle error(raw);
    if (error) ADD_FAILURE() << rd_kafka_error_string(error.get());
  }

  void Push(std::int16_t request, std::initializer_list<rd_kafka_resp_err_t> errors) {
    for (const auto error : errors) {
      rd_kafka_mock_push_request_errors(cluster_.get(), request, 1, error);
    }
  }

  void Produce() {
    ASSERT_EQ(SendRecord(producer_.get(), "t", {.value = "v", .partition = Partition(0)}),
              RD_KAFKA_RESP_ERR_NO_ERROR);
  }

  rd_kafka_error_t* SendOffsets() {
    const PartitionList offsets(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(offsets.get(), "t", 0)->offset = 1;
    const GroupMetadata group(rd_kafka_consumer_group_metadata_new("g"));
    return rd_kafka_send_offsets_to_transaction(producer_.get(), offsets.get(), group.get(),
                                                kLimitMs);
  }

  rd_kafka_error_t* Commit() { return rd_kafka_commit_transaction(producer_.get(), kLimitMs); }

  static std::string_view CodeOf(rd_kafka_error_t* raw) {
    const ErrorHandle error(raw);
    return error ? Classify(*error, "call").code : "none";
  }

  MockCluster cluster_;
  Handle producer_;
};

TEST_F(TransactionErrors, RequireAnAbortOnAStaleGeneration) {
  for (const auto error :
       {RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID,
        RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID}) {
    SCOPED_TRACE(rd_kafka_err2name(error));
    Push(kTxnOffsetCommit, {error});
    EXPECT_EQ(CodeOf(SendOffsets()), code::kAbort);
    Expect(rd_kafka_abort_transaction(producer_.get(), kLimitMs));
    Expect(rd_kafka_begin_transaction(producer_.get()));
  }
}

TEST_F(TransactionErrors, AreFencedAlthoughTheFlagsRequireAnAbort) {
  Push(kAddOffsetsToTxn, {RD_KAFKA_RESP_ERR_PRODUCER_FENCED});
  const ErrorHandle error(SendOffsets());
  ASSERT_TRUE(error);
  EXPECT_TRUE(rd_kafka_error_txn_requires_abort(error.get()));
  EXPECT_FALSE(rd_kafka_error_is_fatal(error.get()));
  EXPECT_EQ(Classify(*error, "send_offsets").code, code::kFenced);
}

TEST_F(TransactionErrors, AreFatalIfEndTxnFails) {
  Produce();
  Push(kEndTxn, {RD_KAFKA_RESP_ERR_INVALID_TXN_STATE});
  const ErrorHandle error(Commit());
  ASSERT_TRUE(error);
  const Error classified = Classify(*error, "commit");
  EXPECT_EQ(classified.remedy, Remedy::kStop);
  EXPECT_EQ(classified.code, code::kFatal);
}

TEST_F(TransactionErrors, RequireAnAbortIfARecordIsRefused) {
  Produce();
  Push(kProduce, {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE});
  EXPECT_EQ(CodeOf(Commit()), code::kAbort);
}

TEST_F(TransactionErrors, AreRetriedByLibrdkafkaIfTransient) {
  Produce();
  Push(kProduce, {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS});
  Push(kEndTxn, {RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE});
  EXPECT_EQ(CodeOf(Commit()), "none");
}

TEST_F(TransactionErrors, AreRetriableAfterATimeout) {
  Produce();
  rd_kafka_mock_broker_set_down(cluster_.get(), 1);
  constexpr int kShortMs = 200;
  EXPECT_EQ(CodeOf(rd_kafka_commit_transaction(producer_.get(), kShortMs)), code::kRetriable);
  rd_kafka_mock_broker_set_up(cluster_.get(), 1);
  EXPECT_EQ(CodeOf(Commit()), "none");
}

}  // namespace
}  // namespace common::kafka
