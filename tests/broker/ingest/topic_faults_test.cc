#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "tests/broker/ingest/cluster_admin.h"
#include "tests/component/ingest/support/running_ingest.h"
#include "tests/harness/broker.h"
#include "tests/support/http_client.h"
#include "tests/support/kafka_client.h"
#include "tests/support/wait_until.h"

// A reachable broker that refuses records: ingest never answers 200, logs the reason, and recovers
// once an operator has repaired the topic.
namespace ingest {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

class TopicFaultTest : public ::testing::Test {
 protected:
  static int Post(const RunningIngest& ingest, const std::string& provider,
                  const std::string& body = R"({"processId":"p"})") {
    return tests::Post(ingest.Url("/callbacks/" + provider), body,
                       {{"Authorization", provider + "-secret"}})
        .status;
  }
  static bool BecomesStored(const RunningIngest& ingest) {
    return tests::WaitUntil([&] { return Post(ingest, "onfido") == 200; }, seconds(20));
  }
};

TEST_F(TopicFaultTest, RefusesCallbacksUntilARevokedPermissionIsRestored) {
  const auto broker = tests::Broker::Start(
      1, {"authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
          "allow.everyone.if.no.acl.found=true"});
  tests::KafkaClient kafka(broker->bootstrap());
  const std::string topic = kafka.CreateUniqueTopic("callbacks", {.partitions = 3});
  tests::ClusterAdmin admin(broker->bootstrap());
  for (const auto operation :
       {RD_KAFKA_ACL_OPERATION_DESCRIBE, RD_KAFKA_ACL_OPERATION_DESCRIBE_CONFIGS,
        RD_KAFKA_ACL_OPERATION_READ, RD_KAFKA_ACL_OPERATION_WRITE}) {
    admin.Allow(topic, operation);
  }
  RunningIngest ingest({.bootstrap = broker->bootstrap(), .topic = topic});
  ASSERT_TRUE(ingest.WaitUntilReady(seconds(15)));
  ASSERT_TRUE(BecomesStored(ingest));

  admin.Revoke(topic, RD_KAFKA_ACL_OPERATION_WRITE);
  EXPECT_TRUE(tests::WaitUntil([&] { return Post(ingest, "onfido") == 503; }, seconds(10)));
  const std::size_t stored = kafka.ReadAll(topic).size();
  EXPECT_TRUE(tests::WaitUntil(
      [&] {
        EXPECT_EQ(Post(ingest, "readid"), 429);
        EXPECT_EQ(Post(ingest, "connect"), 503);
        return tests::Get(ingest.AdminUrl("/readyz")).status == 503;
      },
      seconds(15)));
  EXPECT_TRUE(ingest.process().WaitForOutput("TOPIC_AUTHORIZATION_FAILED", seconds(5)));
  EXPECT_EQ(kafka.ReadAll(topic).size(), stored);
  admin.Allow(topic, RD_KAFKA_ACL_OPERATION_WRITE);
  EXPECT_TRUE(BecomesStored(ingest));
  EXPECT_TRUE(ingest.WaitUntilReady(seconds(15)));

  // Seeing the topic requires a permission, too.
  admin.Revoke(topic, RD_KAFKA_ACL_OPERATION_ANY);
  admin.Allow(topic, RD_KAFKA_ACL_OPERATION_ALTER);  // Without an ACL it is open to all.
  EXPECT_TRUE(tests::WaitUntil([&] { return Post(ingest, "readid") == 429; }, seconds(10)));
  admin.Allow(topic, RD_KAFKA_ACL_OPERATION_WRITE);  // Write includes Describe.
  EXPECT_TRUE(BecomesStored(ingest));
}

TEST_F(TopicFaultTest, ExitsAtTheStartIfTheTopicIsCompacted) {
  const std::string bootstrap = tests::Broker::Shared().bootstrap();
  tests::KafkaClient kafka(bootstrap);
  const std::string topic =
      kafka.CreateUniqueTopic("callbacks", {.configs = {{"cleanup.policy", "compact"}}});
  RunningIngest ingest({.bootstrap = bootstrap, .topic = topic});
  EXPECT_EQ(ingest.process().WaitForExit(seconds(60)), 1) << ingest.process().Describe();
  EXPECT_THAT(ingest.process().StandardError(), HasSubstr("has cleanup.policy=compact"));
}

TEST_F(TopicFaultTest, LogsSettingsThatMayLoseCallbacksAtTheStart) {
  const std::string bootstrap = tests::Broker::Shared().bootstrap();
  tests::KafkaClient kafka(bootstrap);
  const std::string topic =
      kafka.CreateUniqueTopic("callbacks", {.configs = {{"unclean.leader.election.enable", "true"},
                                                        {"retention.ms", "3600000"},
                                                        {"retention.bytes", "1000000"},
                                                        {"max.message.bytes", "100000"}}});
  RunningIngest ingest({.bootstrap = bootstrap, .topic = topic});
  for (const char* finding :
       {"unclean.leader.election.enable=true", "retention.ms=3600000", "retention.bytes=1000000",
        "max.message.bytes=100000, but a callback may take 1064960 bytes"}) {
    EXPECT_TRUE(ingest.process().WaitForOutput(finding, seconds(60))) << finding;
  }
  EXPECT_TRUE(BecomesStored(ingest));
}

TEST_F(TopicFaultTest, NeverRecreatesADeletedTopic) {
  const auto broker = tests::Broker::Start(1, {"auto.create.topics.enable=true"});
  tests::KafkaClient kafka(broker->bootstrap());
  const std::string topic = kafka.CreateUniqueTopic("callbacks", {.partitions = 3});
  RunningIngest ingest({.bootstrap = broker->bootstrap(), .topic = topic});
  ASSERT_TRUE(ingest.WaitUntilReady(seconds(15)));
  ASSERT_TRUE(BecomesStored(ingest));

  kafka.DeleteTopic(topic);
  EXPECT_TRUE(tests::WaitUntil(
      [&] {
        Post(ingest, "onfido");
        return tests::Get(ingest.AdminUrl("/readyz")).status == 503;
      },
      seconds(15)));
  EXPECT_TRUE(ingest.process().WaitForOutput("topic.refused", seconds(10)));
  EXPECT_EQ(Post(ingest, "readid"), 429);
  EXPECT_FALSE(tests::ClusterAdmin(broker->bootstrap()).Exists(topic));
}

TEST_F(TopicFaultTest, RefusesOnlyTheRecordThatIsTooLargeForTheTopic) {
  const std::string& bootstrap = tests::Broker::Shared().bootstrap();
  tests::KafkaClient kafka(bootstrap);
  const std::string topic = kafka.CreateUniqueTopic(
      "callbacks", {.partitions = 1, .configs = {{"max.message.bytes", "20000"}}});
  RunningIngest ingest({.bootstrap = bootstrap, .topic = topic});
  ASSERT_TRUE(ingest.WaitUntilReady(seconds(15)));
  ASSERT_TRUE(BecomesStored(ingest));

  const std::string body(50'000, 'x');
  EXPECT_EQ(Post(ingest, "onfido", body), 503);
  EXPECT_EQ(Post(ingest, "readid", body), 429);
  EXPECT_TRUE(ingest.process().WaitForOutput("record.refused", seconds(5)));
  EXPECT_THAT(ingest.process().StandardError(), HasSubstr("raise max.message.bytes of " + topic));
  EXPECT_EQ(Post(ingest, "onfido"), 200) << "other callbacks must be accepted";
  EXPECT_EQ(tests::Get(ingest.AdminUrl("/readyz")).status, 200);

  tests::ClusterAdmin(bootstrap).SetOnlyProperty(topic, "max.message.bytes", "100000");
  EXPECT_TRUE(tests::WaitUntil([&] { return Post(ingest, "onfido", body) == 200; }, seconds(15)));
}

}  // namespace
}  // namespace ingest
