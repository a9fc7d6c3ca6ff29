// One instance from an operator's point of view.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/broker/consumer/lane/consumer_run.h"
#include "tests/harness/broker.h"

namespace consumer {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

class Instance : public ::testing::Test {
 protected:
  ConsumerRun run{tests::Broker::Shared().bootstrap(), 1};
};

TEST_F(Instance, PublishesDocumentedRecords) {
  const auto instance = run.Start("a");
  run.kafka().Produce(run.topics().callbacks, {ConsumerRun::Delivery(1)});
  ASSERT_TRUE(run.PublishedWithin(1, seconds(30))) << instance->Describe();
  const auto records = run.kafka().ReadAll(run.topics().processes);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].key, "process-1");
  EXPECT_THAT(*records[0].value, HasSubstr(R"("processId":"process-1","status":"accepted")"));
  EXPECT_EQ(common::LastHeader(records[0].headers, "schema"), "1");
  // Readers may see the result before the instance has Kafka's answer to the commit.
  std::string metrics;
  (void)tests::WaitUntil(
      [&] {
        metrics = tests::Get(ConsumerRun::AdminUrl(*instance, "/metrics")).body;
        return metrics.find(R"(commits_total{result="ok"} 1)") != std::string::npos;
      },
      seconds(30));
  EXPECT_THAT(
      metrics,
      HasSubstr(R"(sluice_consumer_callbacks_total{outcome="published",provider="onfido"} 1)"));
  EXPECT_THAT(metrics, HasSubstr(R"(sluice_consumer_commits_total{result="ok"} 1)"));
  EXPECT_EQ(instance->Terminate(seconds(15)), 0) << instance->Describe();
}

TEST_F(Instance, DeadLettersUnreadableCallback) {
  const auto instance = run.Start("a");
  run.kafka().Produce(run.topics().callbacks, {{.key = "k", .value = "no json"}});
  ASSERT_TRUE(
      tests::WaitUntil([&] { return run.Counts(run.topics().dead).size() == 1; }, seconds(30)))
      << instance->Describe();
  const auto letters = run.kafka().ReadSettled(run.topics().dead);
  EXPECT_EQ(letters[0].value, "no json");
  EXPECT_EQ(common::LastHeader(letters[0].headers, "dead.reason"), "malformed");
  EXPECT_TRUE(tests::WaitUntil([&] { return run.Committed() == 1; }, seconds(30)));
}

TEST_F(Instance, PublishesBacklogOnceApiIsBack) {
  run.SetApiBehaviour(R"({"down":true})");
  const auto instance = run.Start("a", "fetch: { breaker: { failures: 3, probe_every: 200ms } }");
  std::vector<tests::Record> deliveries;
  for (int fact = 0; fact < 500; ++fact) deliveries.push_back(ConsumerRun::Delivery(fact));
  run.kafka().Produce(run.topics().callbacks, deliveries);
  ASSERT_TRUE(instance->WaitForOutput("breaker.opened", seconds(30))) << instance->Describe();
  EXPECT_TRUE(ConsumerRun::IsReady(*instance)) << "the instance itself is healthy";
  run.SetApiBehaviour("{}");
  EXPECT_TRUE(run.PublishedWithin(500, seconds(60))) << instance->Describe();
  EXPECT_TRUE(run.SettledCounts(run.topics().dead).empty());
}

TEST_F(Instance, IsReadyWithoutPartition) {
  const auto first = run.Start("a");
  ASSERT_TRUE(tests::WaitUntil([&] { return ConsumerRun::IsReady(*first); }, seconds(30)));
  const auto second = run.Start("b");
  EXPECT_TRUE(tests::WaitUntil(
      [&] { return ConsumerRun::IsReady(*first) && ConsumerRun::IsReady(*second); }, seconds(30)))
      << second->Describe();
}

TEST_F(Instance, EndsWithStatusOneWhenAnotherInstanceTakesItsName) {
  const auto older = run.Start("same");
  ASSERT_TRUE(tests::WaitUntil([&] { return ConsumerRun::IsReady(*older); }, seconds(30)));
  const auto newer = run.Start("same");
  EXPECT_EQ(older->WaitForExit(seconds(30)), 1) << older->Describe();
  EXPECT_THAT(older->StandardError(), HasSubstr(R"("code":"fenced")"));
  EXPECT_THAT(older->StandardError(), HasSubstr("another instance of the group has the same name"));
  EXPECT_TRUE(tests::WaitUntil([&] { return ConsumerRun::IsReady(*newer); }, seconds(30)))
      << newer->Describe();
}

TEST_F(Instance, EndsAndNamesKeyWhenAnotherProgramHasItsTransactionalId) {
  const auto instance = run.Start("a");
  ASSERT_TRUE(tests::WaitUntil([&] { return ConsumerRun::IsReady(*instance); }, seconds(30)));
  const std::string id = run.group() + "." + run.group() + "-a-0";
  int number = 0;
  while (instance->IsRunning() && number < 5) {
    run.kafka().SeizeTransactionalId(id);  // which fences the instance
    run.kafka().Produce(run.topics().callbacks, {ConsumerRun::Delivery(++number)});
    ASSERT_TRUE(tests::WaitUntil(
        [&] {
          return run.Counts(run.topics().processes).size() == static_cast<std::size_t>(number) ||
                 !instance->IsRunning();
        },
        seconds(30)))
        << instance->Describe();
  }
  EXPECT_EQ(instance->WaitForExit(seconds(30)), 1);
  EXPECT_THAT(instance->StandardError(), HasSubstr(R"("event":"lane.failed")"));
  EXPECT_THAT(instance->StandardError(), HasSubstr("give each instance its own `instance`"));
}

TEST_F(Instance, EndsWithStatusOneWhenTopicIsMissing) {
  run.kafka().DeleteTopic(run.topics().seen);
  const auto instance = run.Start("a");
  EXPECT_EQ(instance->WaitForExit(seconds(30)), 1) << instance->Describe();
  EXPECT_THAT(instance->StandardError(), HasSubstr("topic.refused"));
}

TEST(InstanceAlone, StaysAliveAndUnreadyWithoutBrokerAndStopsInTime) {
  const tests::TempDirectory files;
  tests::Process instance(
      tests::Binary("consumer"),
      {"--config", files.Write("consumer.yaml",
                               "admin: 127.0.0.1:0\nkafka: { bootstrap.servers: \"127.0.0.1:1\" }\n"
                               "assure: { base_url: \"http://127.0.0.1:1/a\", token_url: "
                               "\"http://127.0.0.1:1/t\", client_id: me, client_secret: x }\n")});
  const std::string url = ConsumerRun::AdminUrl(instance, "");
  EXPECT_EQ(tests::Get(url + "/livez").status, 200);
  const auto ready = tests::Get(url + "/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_THAT(ready.body, HasSubstr("kafka"));
  EXPECT_EQ(instance.Terminate(seconds(13)), 0) << instance.Describe();
}

}  // namespace
}  // namespace consumer
