#include <gtest/gtest.h>

#include <string_view>
#include <utility>

#include "common/kafka/client_config.h"
#include "common/kafka/record_codec.h"
#include "common/kafka/record_sender.h"
#include "common/kafka/topic_admin.h"
#include "tests/component/common/kafka/mock_cluster.h"

namespace common::kafka {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;
using std::chrono::seconds;

constexpr int kLimitMs = 10'000;

Handle Producer(const Properties& where) {
  const Properties quiet = {{"log_level", "0"}};
  return *NewProducer(*BuildConf({&quiet, &where}));
}

struct OneRecord {
  Handle consumer;
  Message message;  // Last: it must be destroyed before its consumer.
};

/// The first record of partition 0.
OneRecord ReadOne(const Properties& where) {
  const Properties own = {{"group.id", "g"}};
  Handle consumer = *NewConsumer(*BuildConf({&own, &where}));
  const PartitionList partitions(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(partitions.get(), "t", 0)->offset = 0;
  rd_kafka_assign(consumer.get(), partitions.get());
  Message message(rd_kafka_consumer_poll(consumer.get(), kLimitMs));
  return {std::move(consumer), std::move(message)};
}

TEST(Records, AreReadAsSent) {
  MockCluster cluster;
  cluster.CreateTopic("t", 1);
  const RecordHeaders headers = {{"provider", "eid"}, {"x", "1"}, {"x", "\0\xFF"s}, {"empty", ""}};
  const Handle producer = Producer(cluster.properties());
  ASSERT_EQ(SendRecord(producer.get(), "t",
                       {.key = "k\0y"sv,
                        .partition = Partition(0),
                        .timestamp = WallTime(std::chrono::milliseconds(1'795'419'852'345))},
                       ToKafka(headers)),
            RD_KAFKA_RESP_ERR_NO_ERROR);
  ASSERT_EQ(rd_kafka_flush(producer.get(), kLimitMs), RD_KAFKA_RESP_ERR_NO_ERROR);

  const auto [consumer, message] = ReadOne(cluster.properties());
  ASSERT_TRUE(message);
  ASSERT_EQ(message->err, RD_KAFKA_RESP_ERR_NO_ERROR) << rd_kafka_message_errstr(message.get());
  EXPECT_EQ(KeyOf(*message), "k\0y"s);
  EXPECT_EQ(ValueOf(*message), "");
  EXPECT_EQ(HeadersOf(*message), headers);
  EXPECT_EQ(TimestampOf(*message), WallTime(std::chrono::milliseconds(1'795'419'852'345)));
}

TEST(Records, MayHaveNullKeyAndHeaderValues) {
  MockCluster cluster;
  cluster.CreateTopic("t", 1);
  const Handle producer = Producer(cluster.properties());
  Headers headers(rd_kafka_headers_new(1));
  rd_kafka_header_add(headers.get(), "h", -1, nullptr, -1);
  ASSERT_EQ(SendRecord(producer.get(), "t", {.partition = Partition(0)}, std::move(headers)),
            RD_KAFKA_RESP_ERR_NO_ERROR);
  ASSERT_EQ(rd_kafka_flush(producer.get(), kLimitMs), RD_KAFKA_RESP_ERR_NO_ERROR);
  const auto [consumer, message] = ReadOne(cluster.properties());
  ASSERT_TRUE(message);
  EXPECT_EQ(KeyOf(*message), "");
  EXPECT_EQ(HeadersOf(*message), (RecordHeaders{{"h", ""}}));
}

TEST(Records, DistinguishAnEmptyKeyFromNone) {
  MockCluster cluster;
  cluster.CreateTopic("t", 1);
  const Handle producer = Producer(cluster.properties());
  ASSERT_EQ(
      SendRecord(
          producer.get(), "t",
          {.key = std::string_view(), .value = std::string_view(), .partition = Partition(0)}),
      RD_KAFKA_RESP_ERR_NO_ERROR);
  ASSERT_EQ(rd_kafka_flush(producer.get(), kLimitMs), RD_KAFKA_RESP_ERR_NO_ERROR);
  const auto [consumer, message] = ReadOne(cluster.properties());
  ASSERT_TRUE(message);
  EXPECT_NE(message->key, nullptr);
  EXPECT_NE(message->payload, nullptr);
  EXPECT_EQ(message->key_len + message->len, 0U);
}

TEST(TopicAdmin, ReportsNoBrokerAfterTheDeadline) {
  const Handle producer = Producer({{"bootstrap.servers", "127.0.0.1:9"}});
  const auto start = Deadline::Clock::now();
  const auto facts =
      FetchClusterFacts(producer.get(), {"t"}, Deadline::After(std::chrono::milliseconds(300)));
  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().code, kNoBroker);
  EXPECT_EQ(facts.error().remedy, Remedy::kRetry);
  EXPECT_LT(Deadline::Clock::now() - start, seconds(3));
  const auto created = CreateTopics(producer.get(), PlanTopics({}, {}),
                                    Deadline::After(std::chrono::milliseconds(300)));
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().code, kNoBroker);
}

TEST(TopicAdmin, ReportsNoBrokerWithoutAController) {
  MockCluster cluster;  // It has no controller.
  cluster.CreateTopic("t", 4);
  const Handle producer = Producer(cluster.properties());
  const auto facts =
      FetchClusterFacts(producer.get(), {"t"}, Deadline::After(std::chrono::milliseconds(500)));
  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().code, kNoBroker);
}

}  // namespace
}  // namespace common::kafka
