#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
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
#include "tests/support/temp_directory.h"
#include "tests/support/wait_until.h"

// Promise P1 for one-shot providers: a callback answered 200 while the broker is down reaches the
// topic after the broker is back, whatever happened to ingest meanwhile.
namespace ingest {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAreArray;
using SteadyClock = std::chrono::steady_clock;

constexpr milliseconds kPatience{30'000};

class SpoolTest : public ::testing::Test {
 protected:
  SpoolTest()
      : broker(tests::Broker::Start()),
        kafka(broker->bootstrap()),
        topic(kafka.CreateUniqueTopic("callbacks", {.partitions = 1})) {}

  void StartIngest() {
    ingest = std::make_unique<RunningIngest>(RunningIngest::Options{
        .bootstrap = broker->bootstrap(),
        .topic = topic,
        .more = "ack_deadline: 1s\nanswer_deadline: 4s\ndrain_delay: 100ms\n"
                "spool: { path: " +
                (directory.path() / "spool.db").string() + ", min_free_disk: 1MiB }\n"});
  }

  /// Posts a callback named by `process`. Returns the status.
  int Post(const std::string& provider, const std::string& process,
           const std::string& secret = "") const {
    return tests::Post(ingest->Url("/callbacks/" + provider), R"({"processId":")" + process + "\"}",
                       {{"Authorization", secret.empty() ? provider + "-secret" : secret}})
        .status;
  }

  [[nodiscard]] bool AwaitRecords(const std::string& count) const {
    return tests::WaitUntil(
        [&] {
          return ingest->Metrics().find("\nsluice_ingest_spool_records " + count + "\n") !=
                 std::string::npos;
        },
        kPatience);
  }

  /// The keys of a provider's records, in the topic's order. A key ends with "*" if its record came
  /// through the spool.
  std::vector<std::string> Arrived(const std::string& provider) {
    std::vector<std::string> keys;
    for (const tests::Record& record : kafka.ReadAll(topic)) {
      if (common::LastHeader(record.headers, "provider") != provider) continue;
      const bool is_spooled = common::LastHeader(record.headers, "spooled") == "1";
      keys.push_back(record.key.value_or("") + (is_spooled ? "*" : ""));
    }
    return keys;
  }

  tests::TempDirectory directory;
  std::unique_ptr<tests::Broker> broker;
  tests::KafkaClient kafka;
  std::string topic;
  std::unique_ptr<RunningIngest> ingest;
};

TEST_F(SpoolTest, AcceptsOneShotCallbacksDuringAnOutageAndReplaysInOrder) {
  StartIngest();
  ASSERT_TRUE(ingest->WaitUntilReady(kPatience));
  ASSERT_EQ(Post("paper", "p0"), 200);
  broker->Kill(1);
  std::vector<std::string> expected = {"p0"};
  for (int i = 1; i <= 20; ++i) {
    const std::string process = "p" + std::to_string(i);
    const auto sent_at = SteadyClock::now();
    EXPECT_EQ(Post("paper", process), 200);
    EXPECT_LT(SteadyClock::now() - sent_at, seconds(5));
    expected.push_back(process + "*");
  }
  EXPECT_EQ(Post("connect", "c"), 200);
  EXPECT_EQ(Post("typo", "t", "onfido-secret"), 200);
  EXPECT_EQ(Post("onfido", "o"), 503);
  EXPECT_EQ(Post("eid", "e"), 503);
  EXPECT_EQ(Post("readid", "r"), 429);
  EXPECT_TRUE(AwaitRecords("22"));
  EXPECT_TRUE(ingest->WaitUntilReady(kPatience)) << "ready because the spool has room";
  EXPECT_THAT(ingest->Metrics(),
              HasSubstr("callbacks_total{outcome=\"spooled\",provider=\"paper\"} 20"));

  broker->Restart(1);
  EXPECT_TRUE(AwaitRecords("0"));
  ASSERT_TRUE(ingest->process().WaitForOutput("spool.replay_finished", kPatience));
  EXPECT_TRUE(tests::WaitUntil([&] { return Post("onfido", "o2") == 200; }, kPatience));
  EXPECT_EQ(Post("paper", "p-last"), 200);
  expected.push_back("p-last");
  // The first callback of the outage may arrive twice: librdkafka still had it when it was spooled.
  std::vector<std::string> arrived = Arrived("paper");
  std::erase(arrived, "p1");
  ASSERT_FALSE(arrived.empty());
  EXPECT_EQ(arrived.back(), "p-last");
  EXPECT_THAT(arrived, UnorderedElementsAreArray(expected))
      << "the order is guaranteed per process only";
  EXPECT_THAT(Arrived("typo"), ElementsAre("t*"));
  EXPECT_EQ(ingest->process().Terminate(kPatience), 0);
  const std::string log = ingest->process().StandardError();
  EXPECT_EQ(log.find("processId"), std::string::npos) << "the log must not contain a body";
}

TEST_F(SpoolTest, ReplaysItsCallbacksAfterAKill) {
  StartIngest();
  ASSERT_TRUE(ingest->WaitUntilReady(kPatience));
  broker->Kill(1);
  for (int i = 1; i <= 5; ++i) ASSERT_EQ(Post("connect", "c" + std::to_string(i)), 200);
  ingest->process().Kill();
  StartIngest();
  ASSERT_TRUE(ingest->process().WaitForOutput("\"event\":\"spool.counted\"", kPatience))
      << "logs what it found";
  EXPECT_THAT(ingest->process().StandardError(), HasSubstr("\"records\":5"));
  EXPECT_EQ(Post("connect", "c6"), 200) << "must queue behind the five";
  broker->Restart(1);
  EXPECT_TRUE(AwaitRecords("0"));
  EXPECT_THAT(Arrived("connect"), ElementsAre("c1*", "c2*", "c3*", "c4*", "c5*", "c6*"));
}

TEST_F(SpoolTest, LeavesIngestServingIfItCannotBeOpened) {
  const std::string foreign = "not a spool, but perhaps somebody's only copy\n";
  const auto file = directory.Write("spool.db", foreign);
  StartIngest();
  ASSERT_TRUE(ingest->process().WaitForOutput("spool.cannot_open", kPatience));
  EXPECT_TRUE(ingest->WaitUntilReady(kPatience));
  EXPECT_EQ(tests::Get(ingest->AdminUrl("/readyz")).body,
            "{\"ready\":true,\"missing\":[\"spool\"]}\n");
  EXPECT_EQ(Post("paper", "p1"), 200);
  EXPECT_EQ(Post("onfido", "o1"), 200);
  broker->Kill(1);
  EXPECT_EQ(Post("paper", "p2"), 503);
  EXPECT_EQ(tests::ReadFile(file), foreign);
}

TEST_F(SpoolTest, HoldsEvery200ThroughAStopUnderLoadDuringAnOutage) {
  StartIngest();
  ASSERT_TRUE(ingest->WaitUntilReady(kPatience));
  Load load(ingest->port(), 16, {"paper", "connect"});
  ASSERT_TRUE(tests::WaitUntil([&] { return load.stored_count() >= 200; }, kPatience));
  broker->Kill(1);
  ASSERT_TRUE(ingest->process().WaitForOutput("spool.in_use", kPatience));
  const std::size_t before = load.stored_count();
  ASSERT_TRUE(tests::WaitUntil([&] { return load.stored_count() >= before + 200; }, kPatience));
  const auto stopped_at = SteadyClock::now();
  EXPECT_EQ(ingest->process().Terminate(kPatience), 0) << ingest->process().Describe();
  EXPECT_LT(SteadyClock::now() - stopped_at, milliseconds(100 + 4000 + 2000));
  load.Stop();
  EXPECT_THAT(load.unanswered(), IsEmpty());
  EXPECT_THAT(load.statuses(), ElementsAre(200)) << "no one-shot callback is refused";

  broker->Restart(1);
  StartIngest();
  EXPECT_TRUE(AwaitRecords("0"));
  EXPECT_THAT(MissingOf(load.stored(), kafka, topic), IsEmpty());
}

TEST_F(SpoolTest, LosesNo200ToAKillDuringReplay) {
  StartIngest();
  ASSERT_TRUE(ingest->WaitUntilReady(kPatience));
  Load load(ingest->port(), 8, {"paper", "connect", "onfido"});
  ASSERT_TRUE(tests::WaitUntil([&] { return load.stored_count() >= 100; }, kPatience));
  broker->Kill(1);
  ASSERT_TRUE(ingest->process().WaitForOutput("spool.in_use", kPatience));
  const std::size_t before = load.stored_count();
  ASSERT_TRUE(tests::WaitUntil([&] { return load.stored_count() >= before + 500; }, kPatience));
  broker->Restart(1);
  ASSERT_TRUE(ingest->process().WaitForOutput("spool.replay_started", kPatience));
  ingest->process().Kill();
  load.Stop();
  StartIngest();
  EXPECT_TRUE(AwaitRecords("0"));
  EXPECT_THAT(MissingOf(load.stored(), kafka, topic), IsEmpty());
}

}  // namespace
}  // namespace ingest
