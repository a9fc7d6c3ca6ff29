#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/broker/ingest/load.h"
#include "tests/component/ingest/support/running_ingest.h"
#include "tests/harness/broker.h"
#include "tests/support/http_client.h"
#include "tests/support/kafka_client.h"
#include "tests/support/wait_until.h"

// Promises P1, P2 and P3 while the only broker is down: at the start, and longer than every
// deadline, with the default deadlines.
namespace ingest {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using SteadyClock = std::chrono::steady_clock;

const std::map<std::string, int> kTransient = {
    {"onfido", 503}, {"eid", 503}, {"readid", 429}, {"paper", 503}, {"connect", 503}};

int Post(const RunningIngest& ingest, const std::string& provider) {
  return tests::Post(ingest.Url("/callbacks/" + provider), R"({"processId":"p"})",
                     {{"Authorization", provider + "-secret"}})
      .status;
}

std::size_t CountOf(std::string_view part, const std::string& text) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

TEST(OutageTest, ChecksTheTopicAtFirstContactAfterAnOutageAtTheStart) {
  const auto broker = tests::Broker::Start();
  const std::string topic = tests::UniqueName("callbacks");
  broker->Stop(1);
  RunningIngest ingest({.bootstrap = broker->bootstrap(), .topic = topic});
  // A mismatch within the first 5 s would make ingest exit; a later one must not.
  const auto started_at = SteadyClock::now();
  EXPECT_TRUE(tests::WaitUntil(
      [&] {
        for (const auto& [provider, status] : kTransient) {
          EXPECT_EQ(Post(ingest, provider), status) << provider;
        }
        return SteadyClock::now() - started_at > milliseconds(5500) ||
               ::testing::Test::HasFailure();
      },
      seconds(20), milliseconds(100)));
  EXPECT_EQ(tests::Get(ingest.AdminUrl("/readyz")).status, 503);

  broker->Restart(1);
  EXPECT_TRUE(ingest.process().WaitForOutput("\"event\":\"topic.refused\"", seconds(20)));
  EXPECT_TRUE(ingest.process().IsRunning());
  EXPECT_EQ(tests::Get(ingest.AdminUrl("/readyz")).status, 503);
  EXPECT_EQ(Post(ingest, "readid"), 429);

  tests::KafkaClient kafka(broker->bootstrap());
  kafka.CreateTopic(topic, {.partitions = 3});
  EXPECT_TRUE(ingest.WaitUntilReady(seconds(20)));
  EXPECT_EQ(Post(ingest, "readid"), 200);
  EXPECT_EQ(kafka.ReadAll(topic).size(), 1U) << "refused callbacks must not be on the topic";
}

TEST(OutageTest, LosesNo200AndAnswersInTimeFor15SecondsUnderLoad) {
  const auto broker = tests::Broker::Start();
  tests::KafkaClient kafka(broker->bootstrap());
  const std::string topic = kafka.CreateUniqueTopic("callbacks", {.partitions = 12});
  RunningIngest ingest({.bootstrap = broker->bootstrap(), .topic = topic});
  ASSERT_TRUE(ingest.WaitUntilReady(seconds(15)));
  Load load(ingest.port(), 20, {"onfido", "eid", "readid", "paper", "connect"});
  ASSERT_TRUE(tests::WaitUntil([&] { return load.stored_count() >= 500; }, seconds(20)));

  broker->Stop(1);
  const auto stopped_at = SteadyClock::now();
  EXPECT_TRUE(ingest.WaitUntilNotReady(seconds(10)));
  EXPECT_TRUE(
      tests::WaitUntil([&] { return SteadyClock::now() - stopped_at > seconds(15); }, seconds(20)));
  broker->Restart(1);
  EXPECT_TRUE(ingest.WaitUntilReady(seconds(20)));
  const std::size_t before = load.stored_count();
  EXPECT_TRUE(tests::WaitUntil([&] { return load.stored_count() >= before + 500; }, seconds(20)));
  load.Stop();

  EXPECT_THAT(load.unanswered(), IsEmpty());
  EXPECT_LE(load.longest_wait(), seconds(9)) << ingest.Metrics();
  for (const auto& [provider, status] : kTransient) {
    EXPECT_EQ(load.statuses_of(provider), std::set({200, status})) << provider;
  }
  EXPECT_THAT(MissingOf(load.stored(), kafka, topic), IsEmpty());
  const std::string log = ingest.process().StandardError();
  EXPECT_LE(CountOf("\"event\":\"kafka.unavailable\"", log), 2U)
      << "at the start, and once during the outage";
  EXPECT_LT(CountOf("\n", log), 400U) << "the log must not grow with the requests";
}

}  // namespace
}  // namespace ingest
