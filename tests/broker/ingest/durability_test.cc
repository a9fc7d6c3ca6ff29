#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "tests/broker/ingest/load.h"
#include "tests/component/ingest/support/raw_connection.h"
#include "tests/component/ingest/support/running_ingest.h"
#include "tests/harness/broker.h"
#include "tests/support/http_client.h"
#include "tests/support/kafka_client.h"
#include "tests/support/wait_until.h"

// Promises P1 and P2: whatever process is killed or frozen under load, every 200 that a sender has
// seen is on the topic, and every request is answered in time.
namespace ingest {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::IsEmpty;
using SteadyClock = std::chrono::steady_clock;

class DurabilityTest : public ::testing::Test {
 protected:
  DurabilityTest()
      : kafka(tests::Broker::Shared().bootstrap()),
        topic(kafka.CreateUniqueTopic("callbacks", {.partitions = 12})) {}

  [[nodiscard]] RunningIngest::Options Options() const {
    return {.bootstrap = tests::Broker::Shared().bootstrap(),
            .topic = topic,
            .more = "drain_delay: 300ms\n"};
  }

  static void AwaitStored(const Load& load, std::size_t count) {
    ASSERT_TRUE(tests::WaitUntil([&] { return load.stored_count() >= count; }, seconds(20)))
        << "only " << load.stored_count() << " answers were 200";
  }

  tests::KafkaClient kafka;
  std::string topic;
};

TEST_F(DurabilityTest, AnswersEveryRequestThroughAStopUnderLoad) {
  RunningIngest ingest(Options());
  ASSERT_TRUE(ingest.WaitUntilReady(seconds(10)));
  Load load(ingest.port(), 16);
  AwaitStored(load, 1000);
  EXPECT_EQ(ingest.process().Terminate(seconds(15)), 0) << ingest.process().Describe();
  load.Stop();
  EXPECT_THAT(load.unanswered(), IsEmpty());
  EXPECT_THAT(load.statuses(), ::testing::ElementsAre(200));
  EXPECT_THAT(MissingOf(load.stored(), kafka, topic), IsEmpty());
}

TEST_F(DurabilityTest, KeepsEvery200ThroughAKill) {
  for (int round = 0; round < 3; ++round) {
    RunningIngest ingest(Options());
    ASSERT_TRUE(ingest.WaitUntilReady(seconds(10)));
    Load load(ingest.port(), 16);
    AwaitStored(load, 500 + 200 * static_cast<std::size_t>(round));
    ingest.process().Kill();
    load.Stop();
    EXPECT_THAT(MissingOf(load.stored(), kafka, topic), IsEmpty()) << "round " << round;
  }
}

/// Has its own broker, to stop and freeze.
class BrokerFailureTest : public ::testing::Test {
 protected:
  BrokerFailureTest()
      : broker(tests::Broker::Start()),
        kafka(broker->bootstrap()),
        topic(kafka.CreateUniqueTopic("callbacks", {.partitions = 12})),
        ingest({.bootstrap = broker->bootstrap(),
                .topic = topic,
                .more = "ack_deadline: 1500ms\nanswer_deadline: 3s\ndrain_delay: 100ms\n"}) {}

  /// Posts for a provider. Returns the status and the time that it took.
  std::pair<int, milliseconds> Post(const std::string& provider) const {
    const auto sent_at = SteadyClock::now();
    const int status = tests::Post(ingest.Url("/callbacks/" + provider), "{}",
                                   {{"Authorization", provider + "-secret"}})
                           .status;
    return {status, std::chrono::duration_cast<milliseconds>(SteadyClock::now() - sent_at)};
  }

  void ExpectTransientInTime() const {
    for (const auto& [provider, expected] : std::vector<std::pair<std::string, int>>{
             {"onfido", 503}, {"eid", 503}, {"readid", 429}, {"paper", 503}, {"connect", 503}}) {
      const auto [status, took] = Post(provider);
      EXPECT_EQ(status, expected) << provider;
      EXPECT_LT(took, milliseconds(3000)) << provider;
    }
  }

  std::unique_ptr<tests::Broker> broker;
  tests::KafkaClient kafka;
  std::string topic;
  RunningIngest ingest;
};

TEST_F(BrokerFailureTest, AnswersByEachProvidersRulesWhileTheBrokerIsDown) {
  ASSERT_TRUE(ingest.WaitUntilReady(seconds(10)));
  Load load(ingest.port(), 8);
  ASSERT_TRUE(tests::WaitUntil([&] { return load.stored_count() >= 200; }, seconds(20)));
  broker->Kill(1);
  ExpectTransientInTime();
  EXPECT_TRUE(ingest.WaitUntilNotReady(seconds(5)));
  broker->Restart(1);
  EXPECT_TRUE(ingest.WaitUntilReady(seconds(20)));
  EXPECT_TRUE(tests::WaitUntil([&] { return Post("onfido").first == 200; }, seconds(10)));
  const std::size_t before = load.stored_count();
  EXPECT_TRUE(tests::WaitUntil([&] { return load.stored_count() >= before + 100; }, seconds(20)));
  load.Stop();
  EXPECT_THAT(load.unanswered(), IsEmpty());
  EXPECT_THAT(load.statuses(), ::testing::ElementsAre(200, 503));
  EXPECT_THAT(MissingOf(load.stored(), kafka, topic), IsEmpty());
}

TEST_F(BrokerFailureTest, AnswersInTimeWhileTheBrokerIsFrozen) {
  ASSERT_TRUE(ingest.WaitUntilReady(seconds(10)));
  ASSERT_EQ(Post("onfido").first, 200);
  broker->Freeze(1);
  ExpectTransientInTime();
  EXPECT_TRUE(ingest.WaitUntilNotReady(seconds(10)));
  broker->Thaw(1);
  EXPECT_TRUE(ingest.WaitUntilReady(seconds(20)));
  EXPECT_TRUE(tests::WaitUntil([&] { return Post("readid").first == 200; }, seconds(10)));
}

TEST_F(BrokerFailureTest, StopsInTimeWhileTheBrokerIsFrozen) {
  ASSERT_TRUE(ingest.WaitUntilReady(seconds(10)));
  broker->Freeze(1);
  RawConnection waiting(ingest.port());
  waiting.Send(PostOf("/callbacks/readid", "readid-secret", "{}"));
  ingest.process().Signal(SIGTERM);
  EXPECT_EQ(StatusOf(waiting.ReadAnswer()), 429);
  EXPECT_EQ(ingest.process().WaitForExit(milliseconds(100 + 3000 + 2000)), 0)
      << ingest.process().Describe();
}

}  // namespace
}  // namespace ingest
