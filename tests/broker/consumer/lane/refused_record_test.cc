// One record that a topic refuses never stops the others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <regex>
#include <string>
#include <vector>

#include "common/base/rfc3339.h"
#include "tests/broker/consumer/lane/consumer_run.h"
#include "tests/harness/broker.h"

namespace consumer {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::Each;
using ::testing::Pair;
using ::testing::SizeIs;

constexpr int kOrdinary = 40;

[[nodiscard]] tests::Record FutureDelivery() {
  tests::Record record = ConsumerRun::Delivery(kOrdinary);
  record.timestamp_ms = (common::WallNow() + hours(2)).time_since_epoch().count();
  return record;
}

/// A text that no codec compresses.
[[nodiscard]] std::string Noise(std::size_t size, std::size_t seed) {
  std::mt19937 random(static_cast<unsigned>(seed));
  std::string noise(size, ' ');
  for (char& c : noise) c = static_cast<char>(random());
  return noise;
}

[[nodiscard]] bool CommitsWithin(ConsumerRun& run, std::int64_t offset, seconds limit) {
  return tests::WaitUntil([&] { return run.Committed() == offset; }, limit, milliseconds(200));
}

// Kafka 4 refuses it on callbacks too, unless the topic is configured otherwise; a mirror of an
// older cluster brings such records.
TEST(RefusedRecord, FromHourAheadIsPublishedOnceWithAllOthers) {
  ConsumerRun run(tests::Broker::Shared().bootstrap(), 1, 1,
                  {.callbacks = {{"message.timestamp.after.max.ms", "360000000"}}});
  std::vector<tests::Record> deliveries{FutureDelivery()};
  for (int fact = 0; fact < kOrdinary; ++fact) deliveries.push_back(ConsumerRun::Delivery(fact));
  run.kafka().Produce(run.topics().callbacks, deliveries);
  {
    const auto instance = run.Start("a");
    EXPECT_TRUE(run.PublishedWithin(kOrdinary + 1, seconds(20))) << instance->Describe();
    run.kafka().Produce(run.topics().callbacks, {FutureDelivery()});
    EXPECT_TRUE(CommitsWithin(run, kOrdinary + 2, seconds(20))) << instance->Describe();
    instance->Kill();
  }
  run.kafka().Produce(run.topics().callbacks, {FutureDelivery()});
  const auto restarted = run.Start("a");
  EXPECT_TRUE(CommitsWithin(run, kOrdinary + 3, seconds(40))) << restarted->Describe();
  const auto published = run.SettledCounts(run.topics().processes);
  EXPECT_THAT(published, SizeIs(kOrdinary + 1));
  EXPECT_THAT(published, Each(Pair(::testing::_, 1)));
}

// Two records of 60 kB exceed the topic's limit for a request; each alone does not.
TEST(RefusedRecord, OverLimitOfItsTopicStopsNoOther) {
  ConsumerRun run(tests::Broker::Shared().bootstrap(), 1, 1,
                  {.dead = {{"max.message.bytes", "100000"}}});
  std::vector<tests::Record> deliveries;
  for (const int size : {60'000, 200'000, 60'000}) {
    const std::string noise = Noise(static_cast<std::size_t>(size), deliveries.size());
    deliveries.push_back({.key = "letter-" + std::to_string(deliveries.size()), .value = noise});
  }
  for (int fact = 0; fact < kOrdinary; ++fact) deliveries.push_back(ConsumerRun::Delivery(fact));
  run.kafka().Produce(run.topics().callbacks, deliveries);
  const auto instance = run.Start("a");
  EXPECT_TRUE(run.PublishedWithin(kOrdinary, seconds(40))) << instance->Describe();
  EXPECT_TRUE(CommitsWithin(run, kOrdinary + 3, seconds(40))) << instance->Describe();
  const auto letters = run.kafka().ReadSettled(run.topics().dead);
  ASSERT_THAT(letters, SizeIs(3));
  for (const tests::Record& letter : letters) {
    const bool is_omitted = common::LastHeader(letter.headers, "dead.body") == "omitted";
    EXPECT_EQ(is_omitted, letter.key == "letter-1") << *letter.key;
    EXPECT_EQ(letter.value->empty(), is_omitted) << *letter.key;
  }
}

/// The number of callbacks handled in each partition, by their markers.
[[nodiscard]] std::map<std::int32_t, int> DoneByPartition(ConsumerRun& run) {
  std::map<std::int32_t, int> done;
  for (const tests::Record& marker : run.kafka().ReadAll(run.topics().seen)) {
    ++done[marker.partition];
  }
  return done;
}

TEST(RefusedRecord, OfLeaderlessPartitionStopsNoOtherPartition) {
  constexpr int kPartitions = 3;
  constexpr int kEach = 20;
  const auto broker = tests::Broker::Start(3);
  ConsumerRun run(broker->bootstrap(), kPartitions, 3, {.processes_replication = 1});
  const auto instance = run.Start("a");
  int fact = 0;
  const auto deliver = [&](int each) {
    std::vector<tests::Record> deliveries;
    for (int i = 0; i < each * kPartitions; ++i, ++fact) {
      deliveries.push_back(ConsumerRun::Delivery(fact));
      deliveries.back().partition = fact % kPartitions;
    }
    run.kafka().Produce(run.topics().callbacks, deliveries);
  };
  deliver(1);
  ASSERT_TRUE(run.PublishedWithin(kPartitions, seconds(60))) << instance->Describe();

  broker->Kill(3);
  deliver(kEach);
  const auto complete = [&] {
    const auto done = DoneByPartition(run);
    return std::count_if(done.begin(), done.end(),
                         [](const auto& entry) { return entry.second == kEach + 1; });
  };
  EXPECT_TRUE(tests::WaitUntil([&] { return complete() == kPartitions - 1; }, seconds(90),
                               milliseconds(500)))
      << instance->Describe();
  // It waits set aside, or for its restore if the node took part in ending a transaction.
  const auto waits = [&] {
    const std::string metrics = tests::Get(ConsumerRun::AdminUrl(*instance, "/metrics")).body;
    return std::regex_search(metrics,
                             std::regex(R"(set_aside_total.reason="unavailable". [1-9])")) ||
           metrics.find(R"(consumer_partitions{state="restoring"} 1)") != std::string::npos;
  };
  EXPECT_TRUE(tests::WaitUntil(waits, seconds(60), milliseconds(500))) << instance->Describe();

  broker->Restart(3);
  EXPECT_TRUE(CommitsWithin(run, fact, seconds(150))) << instance->Describe();
  EXPECT_TRUE(run.PublishedWithin(static_cast<std::size_t>(fact), seconds(30)));
  EXPECT_THAT(run.SettledCounts(run.topics().processes), Each(Pair(::testing::_, 1)));
}

}  // namespace
}  // namespace consumer
