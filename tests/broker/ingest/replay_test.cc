#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/domain/key_partition.h"
#include "ingest/spool/refused_callbacks.h"
#include "tests/broker/ingest/cluster_admin.h"
#include "tests/component/ingest/support/running_ingest.h"
#include "tests/harness/broker.h"
#include "tests/support/http_client.h"
#include "tests/support/kafka_client.h"
#include "tests/support/temp_directory.h"
#include "tests/support/wait_until.h"

// Whatever blocks the head of the spool: callbacks that Kafka accepts arrive soon after Kafka is
// back.
namespace ingest {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::Not;

constexpr seconds kPatience{30};

class SpoolReplayTest : public ::testing::Test {
 protected:
  void Start(int nodes) {
    broker = tests::Broker::Start(nodes);
    kafka = std::make_unique<tests::KafkaClient>(broker->bootstrap());
  }
  void StartIngest(const std::string& more = "", const std::string& bootstrap = "") {
    ingest = std::make_unique<RunningIngest>(RunningIngest::Options{
        .bootstrap = bootstrap.empty() ? broker->bootstrap() : bootstrap,
        .topic = topic,
        .more = "ack_deadline: 1s\nanswer_deadline: 6s\ndrain_delay: 100ms\n" + more +
                "spool: { path: " + spool + ", min_free_disk: 1MiB }\n"});
    ASSERT_TRUE(ingest->WaitUntilReady(kPatience)) << ingest->process().Describe();
  }
  int Post(const std::string& process, std::size_t size = 0) const {
    const std::string body =
        R"({"processId":")" + process + R"(","x":")" + std::string(size, 'x') + "\"}";
    return tests::Post(ingest->Url("/callbacks/paper"), body, {{"Authorization", "paper-secret"}})
        .status;
  }
  [[nodiscard]] std::set<std::string> Arrived() const {
    std::set<std::string> keys;
    for (const tests::Record& record : kafka->ReadAll(topic)) keys.insert(record.key.value_or(""));
    return keys;
  }
  [[nodiscard]] bool Arrive(const std::set<std::string>& keys, seconds limit) const {
    return tests::WaitUntil([&] { return std::ranges::includes(Arrived(), keys); }, limit,
                            milliseconds(300));
  }
  [[nodiscard]] bool AwaitMetric(const std::string& line, seconds limit = kPatience) const {
    return tests::WaitUntil(
        [&] { return ingest->Metrics().find("\n" + line + "\n") != std::string::npos; }, limit);
  }
  tests::TempDirectory directory;
  std::string spool = (directory.path() / "spool.db").string();
  std::unique_ptr<tests::Broker> broker;
  std::unique_ptr<tests::KafkaClient> kafka;
  std::string topic;
  std::unique_ptr<RunningIngest> ingest;
};

TEST_F(SpoolReplayTest, PassesCallbacksTooLargeForTheTopic) {
  Start(1);
  topic = kafka->CreateUniqueTopic("callbacks", {.partitions = 1});
  StartIngest("max_body: 200KiB\n");
  ASSERT_EQ(Post("p0"), 200);
  tests::ClusterAdmin(broker->bootstrap()).SetOnlyProperty(topic, "max.message.bytes", "50000");
  broker->Kill(1);
  for (int i = 0; i < 4; ++i) ASSERT_EQ(Post("poison-" + std::to_string(i), 190'000), 200);
  std::set<std::string> small;
  for (int i = 0; i < 20; ++i) {
    small.insert("small-" + std::to_string(i));
    ASSERT_EQ(Post("small-" + std::to_string(i)), 200);
  }
  broker->Restart(1);
  EXPECT_TRUE(Arrive(small, seconds(20)));
  EXPECT_TRUE(AwaitMetric("sluice_ingest_spool_refused_records 4"));
  EXPECT_TRUE(AwaitMetric("sluice_ingest_spool_records 0"));
  ASSERT_EQ(Post("poison-live", 190'000), 200) << "the refused callback is kept";
  EXPECT_TRUE(AwaitMetric("sluice_ingest_spool_refused_records 5"));
  ASSERT_EQ(Post("live"), 200);
  EXPECT_THAT(Arrived(), Not(Contains("poison-live")));

  tests::ClusterAdmin(broker->bootstrap()).SetOnlyProperty(topic, "max.message.bytes", "1000000");
  RefusedCallbacks refused(RefusedCallbacks::PathBeside(spool));
  EXPECT_EQ(*refused.MarkForRetry(std::nullopt), 5U);
  EXPECT_TRUE(Arrive({"poison-0", "poison-1", "poison-2", "poison-3", "poison-live"}, kPatience));
  EXPECT_TRUE(AwaitMetric("sluice_ingest_spool_refused_records 0"));
}

TEST_F(SpoolReplayTest, PassesCallbacksOfADeadPartition) {
  Start(3);
  topic = kafka->CreateUniqueTopic("callbacks",
                                   {.partitions = 3, .configs = {{"min.insync.replicas", "1"}}});
  int dead = -1;
  for (int partition = 0; partition < 3; ++partition) {
    if (kafka->AwaitLeader(topic, partition) == 3) dead = partition;
  }
  ASSERT_GE(dead, 0) << "each of three nodes must lead one partition";
  std::vector<std::string> keys_of[2];  // Keys of living partitions, and of the dead one.
  for (int i = 0; keys_of[0].size() < 40 || keys_of[1].size() < 600; ++i) {
    const std::string key = "p" + std::to_string(i);
    keys_of[common::PartitionOf(key, 3) == common::Partition(dead) ? 1 : 0].push_back(key);
  }
  keys_of[0].resize(40);
  keys_of[1].resize(600);
  const std::string bootstrap = broker->bootstrap();
  StartIngest("", "127.0.0.1:1");  // Nothing listens there, so all callbacks are spooled.
  for (const auto& keys : {keys_of[1], keys_of[0]}) {
    for (const std::string& key : keys) ASSERT_EQ(Post(key), 200);
  }
  ASSERT_EQ(ingest->process().Terminate(kPatience), 0);
  broker->Kill(3);
  kafka->AwaitNoLeader(topic, dead);
  StartIngest("", bootstrap);
  EXPECT_TRUE(AwaitMetric("sluice_ingest_spool_records 600", seconds(20)))
      << "all callbacks of living partitions must be replayed";
  EXPECT_EQ(tests::Get(ingest->AdminUrl("/readyz")).status, 200);
  EXPECT_TRUE(AwaitMetric("sluice_ingest_spool_refused_records 0", seconds(5)));
  broker->Restart(3);
  EXPECT_TRUE(AwaitMetric("sluice_ingest_spool_records 0", kPatience));
  EXPECT_TRUE(Arrive({keys_of[1].begin(), keys_of[1].end()}, kPatience));
  EXPECT_TRUE(Arrive({keys_of[0].begin(), keys_of[0].end()}, kPatience));
}

TEST_F(SpoolReplayTest, LimitsBatchesToMaxMessageBytes) {
  Start(1);
  topic = kafka->CreateUniqueTopic("callbacks",
                                   {.partitions = 1, .configs = {{"max.message.bytes", "3000"}}});
  StartIngest("max_body: 4KiB\n");
  ASSERT_EQ(Post("first"), 200);
  broker->Kill(1);
  std::set<std::string> keys;
  for (int i = 0; i < 100; ++i) {
    keys.insert("p" + std::to_string(i));
    ASSERT_EQ(Post("p" + std::to_string(i), 1000), 200);
  }
  broker->Restart(1);
  EXPECT_TRUE(Arrive(keys, seconds(20)));
  EXPECT_TRUE(AwaitMetric("sluice_ingest_spool_refused_records 0"));
  EXPECT_TRUE(AwaitMetric("sluice_ingest_spool_records 0"));
}

}  // namespace
}  // namespace ingest
