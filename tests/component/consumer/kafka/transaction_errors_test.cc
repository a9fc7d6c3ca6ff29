// How librdkafka reports each error of a transaction, and how we react. The mock cluster injects
// errors; the broker ring proves visibility.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <memory>
#include <string>
#include <vector>

#include "consumer/kafka/membership_codec.h"
#include "consumer/kafka/transactional_producer.h"
#include "tests/component/common/kafka/mock_cluster.h"

namespace consumer {
namespace {

using common::Deadline;

// Kafka protocol: API keys.
constexpr std::int16_t kProduce = 0;
constexpr std::int16_t kAddPartitions = 24;
constexpr std::int16_t kAddOffsets = 25;
constexpr std::int16_t kEndTxn = 26;
constexpr std::int16_t kTxnOffsetCommit = 28;

GroupMembership AMember() {
  const common::kafka::GroupMetadata metadata(
      rd_kafka_consumer_group_metadata_new_with_genid("group", 7, "member", "instance"));
  return *ReadMembership(*metadata);
}

class MockedTransaction {
 public:
  MockedTransaction() {
    ClientSettings settings;
    settings.properties = cluster.properties();
    settings.properties["socket.timeout.ms"] = "1000";
    settings.instance = "instance";
    settings.group = "group";
    for (const std::string& topic :
         {settings.topics.callbacks, settings.topics.processes, settings.topics.seen}) {
      cluster.CreateTopic(topic, 1);
    }
    producer = *TransactionalProducer::Create(settings, log);
    const auto ready = producer->Initialise(Deadline::After(std::chrono::seconds(10)));
    if (!ready) throw std::runtime_error(ready.error().detail);
  }

  std::string End() {
    OutgoingRecord result;
    result.partition = Partition(0);
    result.key = "p";
    OutgoingRecord marker = result;
    marker.topic = OutgoingTopic::kSeen;
    Batch batch;
    batch.records = {result, marker};
    batch.offsets = {{Partition(0), Offset(1)}};
    batch.membership = AMember();
    const TransactionEnd end =
        RunTransaction(*producer, batch, Deadline::After(std::chrono::seconds(10)));
    detail = end.detail;
    const std::string outcome = end.outcome == CommitOutcome::kCommitted ? "committed"
                                : end.outcome == CommitOutcome::kAborted ? "aborted"
                                                                         : "unknown";
    return outcome + (end.must_recycle ? ", recycle" : "");
  }

  common::Logger log{"test", [](std::string_view /*line*/) {}};
  common::kafka::MockCluster cluster{1};
  std::unique_ptr<TransactionalProducer> producer;
  std::string detail;
};

TEST(MembershipCodec, ReadsFormatOfLibrary) {
  const GroupMembership membership = AMember();
  EXPECT_EQ(membership.generation, 7);
  EXPECT_EQ(membership.member_id, "member");
  EXPECT_TRUE(membership.IsFenceable());
  const auto back = ReadMembership(*ToKafka(membership));
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->serialized, membership.serialized);
}

TEST(MembershipCodec, RecognisesMemberThatHasNotJoined) {
  const common::kafka::GroupMetadata metadata(rd_kafka_consumer_group_metadata_new("group"));
  const auto membership = ReadMembership(*metadata);
  ASSERT_TRUE(membership.has_value());
  EXPECT_EQ(membership->generation, -1);
  EXPECT_FALSE(membership->IsFenceable());
}

TEST(MembershipCodec, RefusesForeignFormat) {
  EXPECT_EQ(ToKafka({7, "member", "nonsense"}), nullptr);
}

TEST(TransactionRequests, EndTransactionWithOneRequestWithoutFaults) {
  MockedTransaction transaction;
  EXPECT_EQ(transaction.End(), "committed") << transaction.detail;
  EXPECT_EQ(transaction.producer->end_requests().sent, 1);
  EXPECT_EQ(transaction.End(), "committed");
}

struct Injected {
  std::string name;
  std::int16_t api;
  rd_kafka_resp_err_t error;
  std::string end;
};
void PrintTo(const Injected& injected, std::ostream* out) { *out << injected.name; }

class TransactionErrors : public ::testing::TestWithParam<Injected> {};

TEST_P(TransactionErrors, EndAsTabulated) {
  MockedTransaction transaction;
  rd_kafka_mock_push_request_errors(transaction.cluster.get(), GetParam().api, 1, GetParam().error);
  EXPECT_EQ(transaction.End(), GetParam().end) << transaction.detail;
}

INSTANTIATE_TEST_SUITE_P(
    Table, TransactionErrors,
    ::testing::Values(
        // The group has moved on without us.
        Injected{"IllegalGeneration", kTxnOffsetCommit, RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION,
                 "aborted"},
        Injected{"UnknownMember", kTxnOffsetCommit, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, "aborted"},
        Injected{"FencedInstance", kTxnOffsetCommit, RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID,
                 "aborted"},
        Injected{"GroupNotFound", kTxnOffsetCommit, RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND,
                 "aborted"},
        Injected{"StaleMemberEpoch", kTxnOffsetCommit, static_cast<rd_kafka_resp_err_t>(113),
                 "aborted"},
        // Another producer has our name.
        Injected{"EpochAtOffsets", kTxnOffsetCommit, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH,
                 "aborted, recycle"},
        Injected{"FencedAtOffsets", kAddOffsets, RD_KAFKA_RESP_ERR_PRODUCER_FENCED,
                 "aborted, recycle"},
        Injected{"FencedAtPartitions", kAddPartitions, RD_KAFKA_RESP_ERR_PRODUCER_FENCED,
                 "aborted, recycle"},
        Injected{"EpochAtProduce", kProduce, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH,
                 "aborted, recycle"},
        // The end itself: it is unknown what the broker has done.
        Injected{"FencedAtEnd", kEndTxn, RD_KAFKA_RESP_ERR_PRODUCER_FENCED, "unknown, recycle"},
        Injected{"StateAtEnd", kEndTxn, RD_KAFKA_RESP_ERR_INVALID_TXN_STATE, "unknown, recycle"},
        // Broker faults with records.
        Injected{"OutOfOrder", kProduce, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER,
                 "aborted, recycle"},
        Injected{"TooLarge", kProduce, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, "aborted, recycle"},
        // Transient errors, which librdkafka retries.
        Injected{"NotEnoughReplicas", kProduce, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, "committed"},
        Injected{"CoordinatorMovesAtOffsets", kTxnOffsetCommit, RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
                 "committed"},
        // Silently repeated after a lost answer: the first request may still arrive (A3).
        Injected{"DisconnectAtEnd", kEndTxn, RD_KAFKA_RESP_ERR__TRANSPORT, "committed, recycle"},
        Injected{"DisconnectAtOffsets", kTxnOffsetCommit, RD_KAFKA_RESP_ERR__TRANSPORT,
                 "committed, recycle"}),
    [](const auto& test) { return test.param.name; });

TEST(TransactionRequests, SurviveCoordinatorThatMovesAtCommit) {
  MockedTransaction transaction;
  rd_kafka_mock_push_request_errors(transaction.cluster.get(), kEndTxn, 1,
                                    RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE);
  // Recycled or not: the repetition may fail once with the old connection before it is written.
  EXPECT_THAT(transaction.End(), ::testing::StartsWith("committed")) << transaction.detail;
}

TEST(TransactionRequests, ShowCommitWithLateAnswer) {
  MockedTransaction transaction;
  constexpr int kLongerThanTheSocketTimeoutMs = 1'500;
  rd_kafka_mock_broker_push_request_error_rtts(transaction.cluster.get(), 1, kEndTxn, 1,
                                               RD_KAFKA_RESP_ERR_NO_ERROR,
                                               kLongerThanTheSocketTimeoutMs);
  EXPECT_EQ(transaction.End(), "committed, recycle") << transaction.detail;
  EXPECT_EQ(transaction.producer->end_requests().sent, 2);
}

TEST(TransactionRequests, ShowSecondDisconnectWithinThirtySeconds) {
  MockedTransaction transaction;  // librdkafka does not log an identical failure for 30 s
  for (int i = 0; i < 2; ++i) {
    rd_kafka_mock_push_request_errors(transaction.cluster.get(), kEndTxn, 1,
                                      RD_KAFKA_RESP_ERR__TRANSPORT);
    EXPECT_EQ(transaction.End(), "committed, recycle") << transaction.detail;
  }
  EXPECT_EQ(transaction.End(), "committed") << "each transaction is judged separately";
}

}  // namespace
}  // namespace consumer
