#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
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
#include "tests/support/temp_directory.h"
#include "tests/support/wait_until.h"

// Promise P1 on three brokers: what an ack guarantees, and what remains when some brokers are down.
namespace ingest {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ClusterTest : public ::testing::Test {
 protected:
  ClusterTest() : broker(tests::Broker::Start(3)), kafka(broker->bootstrap()) {}

  [[nodiscard]] RunningIngest::Options Options(const std::string& topic) const {
    return {.bootstrap = broker->bootstrap(), .topic = topic, .more = "ack_deadline: 2s\n"};
  }

  std::unique_ptr<tests::Broker> broker;
  tests::KafkaClient kafka;
};

TEST_F(ClusterTest, LosesNo200WithItsNodesAndRefusesBelowMinInsyncReplicas) {
  // An ack from one copy is less than a 200 promises.
  const std::string weak = kafka.CreateUniqueTopic(
      "weak", {.partitions = 3, .replication = 3, .configs = {{"min.insync.replicas", "1"}}});
  const tests::TempDirectory directory;
  const auto config = directory.Write("ingest.yaml", RunningIngest::ConfigText(Options(weak)));
  const auto refused =
      tests::RunProgram(tests::Binary("ingest"), {"--config", config.string()}, seconds(20));
  EXPECT_EQ(refused.status, 1) << refused.error_output;
  EXPECT_THAT(refused.error_output, HasSubstr("min.insync.replicas=1, so one copy suffices for an "
                                              "ack: set it to 2"));

  const std::string topic = kafka.CreateUniqueTopic(
      "callbacks", {.partitions = 12, .replication = 3, .configs = {{"min.insync.replicas", "2"}}});
  RunningIngest ingest(Options(topic));
  ASSERT_TRUE(ingest.WaitUntilReady(seconds(15)));
  Load load(ingest.port(), 16);
  const auto await_more = [&](std::size_t more, seconds limit) {
    const std::size_t before = load.stored_count();
    return tests::WaitUntil([&] { return load.stored_count() >= before + more; }, limit);
  };
  ASSERT_TRUE(await_more(500, seconds(20)));
  broker->Kill(2);
  EXPECT_TRUE(await_more(1000, seconds(30))) << "two nodes suffice";
  broker->Kill(3);
  EXPECT_TRUE(ingest.WaitUntilNotReady(seconds(20))) << "one node does not";
  broker->Restart(2);
  EXPECT_TRUE(ingest.WaitUntilReady(seconds(30)));
  EXPECT_TRUE(await_more(500, seconds(30)));
  load.Stop();
  EXPECT_THAT(load.unanswered(), IsEmpty());
  EXPECT_LE(load.longest_wait(), seconds(9));
  EXPECT_THAT(load.statuses(), ::testing::ElementsAre(200, 503));
  EXPECT_THAT(MissingOf(load.stored(), kafka, topic), IsEmpty());
}

TEST_F(ClusterTest, ServesTheOtherPartitionsWhileOneHasNoLeader) {
  const std::string topic = kafka.CreateUniqueTopic(
      "callbacks", {.partitions = 3, .configs = {{"min.insync.replicas", "1"}}});
  const tests::TempDirectory directory;
  auto options = Options(topic);
  options.more +=
      "spool: { path: " + (directory.path() / "spool.db").string() + ", min_free_disk: 1MiB }\n";
  RunningIngest ingest(options);
  ASSERT_TRUE(ingest.WaitUntilReady(seconds(15))) << ingest.process().Describe();
  const auto post = [&](const std::string& provider, const std::string& process) {
    return tests::Post(ingest.Url("/callbacks/" + provider), R"({"processId":")" + process + "\"}",
                       {{"Authorization", provider + "-secret"}})
        .status;
  };
  for (int number = 0; number < 20; ++number) {
    ASSERT_EQ(post("onfido", "process-" + std::to_string(number)), 200);
  }
  std::map<std::int32_t, std::string> process_of;  // By partition.
  for (const tests::Record& record : kafka.ReadAll(topic)) {
    process_of[record.partition] = record.key.value_or("");
  }
  ASSERT_EQ(process_of.size(), 3U);

  broker->Kill(3);
  std::map<std::int32_t, int> status_of;
  const auto stored_in = [&] {
    int stored = 0;
    for (const auto& [partition, process] : process_of) {
      status_of[partition] = post("onfido", process);
      stored += status_of[partition] == 200 ? 1 : 0;
    }
    return stored;
  };
  // A record may fail briefly while the client learns the leaders.
  ASSERT_TRUE(tests::WaitUntil([&] { return stored_in() == 2; }, seconds(20)));
  EXPECT_EQ(stored_in(), 2) << "stays so";
  for (const auto& [partition, status] : status_of) {
    if (status == 200) continue;
    EXPECT_EQ(status, 503);
    EXPECT_EQ(post("readid", process_of[partition]), 429);
    EXPECT_EQ(post("paper", process_of[partition]), 200) << "the spool keeps it";
    // Kafka counts as available, even to a sender of this partition only.
    for (int i = 0; i < 6; ++i) {
      EXPECT_EQ(post("onfido", process_of[partition]), 503);
      EXPECT_EQ(tests::Get(ingest.AdminUrl("/readyz")).body, "{\"ready\":true,\"missing\":[]}\n");
    }
    EXPECT_THAT(ingest.Metrics(), HasSubstr("\nsluice_ingest_partitions_failing 1\n"));
    EXPECT_THAT(ingest.process().StandardError(), HasSubstr("\"event\":\"partition.fails\""));
  }
  const auto is_replayed = [&] {
    return std::ranges::any_of(kafka.ReadAll(topic), [](const tests::Record& record) {
      return common::LastHeader(record.headers, "spooled") == "1";
    });
  };

  broker->Restart(3);
  EXPECT_TRUE(tests::WaitUntil([&] { return stored_in() == 3; }, seconds(30)));
  EXPECT_TRUE(tests::WaitUntil(is_replayed, seconds(30), milliseconds(500)));
}

}  // namespace
}  // namespace ingest
