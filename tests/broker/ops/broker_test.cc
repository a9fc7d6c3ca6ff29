// Tests of the Broker fixture and the KafkaClient that other tests use.
#include "tests/harness/broker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/kafka_calls.h"
#include "tests/support/kafka_client.h"
#include "tests/support/kafka_nodes.h"

namespace tests {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Broker, KeepsRecordsAndAddressAfterKillAndRestart) {
  const auto broker = Broker::Start();
  const auto address = broker->bootstrap();
  const auto topic = KafkaClient(address).CreateUniqueTopic("kept");
  KafkaClient(address).Produce(topic, {{.key = "k", .value = "v"}});

  broker->Kill(1);
  broker->Restart(1);

  EXPECT_EQ(broker->bootstrap(), address);
  EXPECT_THAT(Values(KafkaClient(address).ReadAll(topic)), ElementsAre("v"));
}

TEST(Broker, SurvivesTheLossOfOneOfThreeNodes) {
  const auto broker = Broker::Start(3);
  KafkaClient kafka(broker->bootstrap());
  const auto topic = kafka.CreateUniqueTopic(
      "replicated", {.partitions = 3, .replication = 3, .configs = {{"min.insync.replicas", "2"}}});

  broker->Kill(2);
  kafka.Produce(topic, {{.key = "a", .value = "1"},
                        {.key = "b", .value = "2"},
                        {.key = "c", .value = "3"},
                        {.key = "d", .value = "4"}});

  auto values = Values(kafka.ReadAll(topic));
  EXPECT_THAT(values, testing::UnorderedElementsAre("1", "2", "3", "4"));
}

// Otherwise a client may ask a node that does not know the new topic yet, and report it missing.
TEST(KafkaClient, CreatesAndDeletesTopicsOnEveryNode) {
  const auto broker = Broker::Start(3);
  KafkaClient kafka(broker->bootstrap());
  const auto bystander = MakeHandle(RD_KAFKA_PRODUCER, broker->bootstrap(), {});
  for (int i = 0; i < 30; ++i) {
    const auto topic = kafka.CreateUniqueTopic("everywhere", {.partitions = 3, .replication = 3});
    EXPECT_TRUE(IsKnownToAllNodes(bystander.get(), topic)) << i;
    kafka.DeleteTopic(topic);
    EXPECT_TRUE(IsForgottenByAllNodes(bystander.get(), topic)) << i;
  }
}

TEST(KafkaClient, ReadsItsOwnRecords) {
  KafkaClient kafka(Broker::Shared().bootstrap());
  const auto topic = kafka.CreateUniqueTopic("records", {.partitions = 2});

  kafka.Produce(topic, {{.key = "full",
                         .value = std::string("a\0b", 3),
                         .headers = {{"h", "1"}, {"h", "2"}, {"empty", ""}},
                         .timestamp_ms = 1'700'000'000'123,
                         .partition = 1},
                        {.key = std::nullopt, .value = std::nullopt, .partition = 0},
                        {.key = "", .value = "", .partition = 0}});

  const auto records = kafka.ReadAll(topic);
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[0].key, std::nullopt);
  EXPECT_EQ(records[0].value, std::nullopt);
  EXPECT_EQ(records[1].key, "");
  EXPECT_EQ(records[1].value, "");
  EXPECT_EQ(records[2].value, std::string("a\0b", 3));
  EXPECT_EQ(records[2].headers, (common::RecordHeaders{{"h", "1"}, {"h", "2"}, {"empty", ""}}));
  EXPECT_EQ(records[2].timestamp_ms, 1'700'000'000'123);
  EXPECT_EQ(records[2].partition, 1);
  EXPECT_EQ(records[2].offset, 0);
}

TEST(KafkaClient, DescribesTheTopicItCreated) {
  KafkaClient kafka(Broker::Shared().bootstrap());
  const auto topic = kafka.CreateUniqueTopic(
      "described", {.partitions = 3, .configs = {{"retention.ms", "7000"}}});

  const auto described = kafka.DescribeTopic(topic);
  ASSERT_TRUE(described);
  EXPECT_EQ(described->partitions, 3);
  EXPECT_EQ(described->replication, 1);
  EXPECT_EQ(described->configs.at("retention.ms"), "7000");

  kafka.DeleteTopic(topic);
  EXPECT_FALSE(kafka.DescribeTopic(UniqueName("never-made")));
  EXPECT_THAT(kafka.CommittedOffsets(UniqueName("group"), kafka.CreateUniqueTopic("read")),
              IsEmpty());
}

}  // namespace
}  // namespace tests
