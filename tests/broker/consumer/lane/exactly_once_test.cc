// Promise P4, on a real broker: each fact is published once, under kills, freezes and new
// instances.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <random>
#include <string>

#include "common/base/rfc3339.h"
#include "tests/broker/consumer/lane/consumer_run.h"
#include "tests/harness/broker.h"

namespace consumer {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::Each;
using ::testing::IsEmpty;
using ::testing::Pair;

/// Facts 0 to facts-1, each delivered one to three times, in any order.
std::vector<tests::Record> Deliveries(int facts, std::mt19937& random) {
  std::vector<tests::Record> deliveries;
  for (int fact = 0; fact < facts; ++fact) {
    for (std::size_t i = 0; i <= random() % 3; ++i) {
      deliveries.push_back(ConsumerRun::Delivery(fact));
    }
  }
  std::shuffle(deliveries.begin(), deliveries.end(), random);
  return deliveries;
}

class ExactlyOnce : public ::testing::Test {
 protected:
  void ExpectEachFactOnce(ConsumerRun& run, int facts, std::size_t deliveries,
                          tests::Process& instance) {
    EXPECT_TRUE(
        tests::WaitUntil([&] { return run.Committed() == static_cast<std::int64_t>(deliveries); },
                         seconds(120), milliseconds(200)))
        << run.Committed() << " of " << deliveries << " deliveries are committed; "
        << instance.Describe();
    const auto published = run.SettledCounts(run.topics().processes);
    EXPECT_EQ(published.size(), static_cast<std::size_t>(facts));
    EXPECT_THAT(published, Each(Pair(::testing::_, 1)));
    EXPECT_EQ(run.kafka().ReadSettled(run.topics().seen).size(), published.size())
        << "one marker each";
    EXPECT_THAT(run.SettledCounts(run.topics().dead), IsEmpty());
  }

  const unsigned seed_ = std::random_device()();
  std::mt19937 random_{seed_};
  ::testing::ScopedTrace trace_{__FILE__, __LINE__, "seed " + std::to_string(seed_)};
};

TEST_F(ExactlyOnce, HoldsWhenInstanceIsKilledRepeatedly) {
  constexpr int kFacts = 3'000;
  ConsumerRun run(tests::Broker::Shared().bootstrap(), 6);
  run.SetApiBehaviour(R"({"latency_ms":30})");  // slow enough for some kills to hit
  const auto deliveries = Deliveries(kFacts, random_);
  run.kafka().Produce(run.topics().callbacks, deliveries);
  for (int life = 0; life < 6; ++life) {
    const std::size_t before = run.Counts(run.topics().processes).size();
    const auto instance = run.Start("a", "fetch: { max_in_flight: 20 }");
    // Somewhere in the middle of its work, including its transactions.
    const std::size_t enough = std::min<std::size_t>(before + 1 + random_() % 200, kFacts);
    ASSERT_TRUE(run.PublishedWithin(enough, seconds(40))) << instance->Describe();
    instance->Kill();
  }
  const auto instance = run.Start("a");
  ExpectEachFactOnce(run, kFacts, deliveries.size(), *instance);
  EXPECT_EQ(instance->Terminate(seconds(15)), 0) << instance->Describe();
  EXPECT_THAT(instance->StandardError(), ::testing::Not(::testing::HasSubstr("not-to-be-seen")));
}

TEST_F(ExactlyOnce, HoldsWhenInstancesComeAndGoUnderLoad) {
  constexpr int kFacts = 3'000;
  ConsumerRun run(tests::Broker::Shared().bootstrap(), 6);
  const auto deliveries = Deliveries(kFacts, random_);
  const std::size_t half = deliveries.size() / 2;
  run.kafka().Produce(run.topics().callbacks,
                      {deliveries.begin(), deliveries.begin() + static_cast<std::ptrdiff_t>(half)});
  run.SetApiBehaviour(R"({"latency_ms":30})");
  const auto first = run.Start("a", "fetch: { max_in_flight: 20 }");
  ASSERT_TRUE(run.PublishedWithin(100, seconds(40))) << first->Describe();
  const auto second = run.Start("b", "lanes: 2\nfetch: { max_in_flight: 20 }");
  run.kafka().Produce(run.topics().callbacks,
                      {deliveries.begin() + static_cast<std::ptrdiff_t>(half), deliveries.end()});
  ASSERT_TRUE(second->WaitForOutput("partition.restored", seconds(30))) << second->Describe();
  ASSERT_TRUE(run.PublishedWithin(kFacts / 2, seconds(60)));
  EXPECT_EQ(first->Terminate(seconds(15)), 0) << first->Describe();
  ExpectEachFactOnce(run, kFacts, deliveries.size(), *second);
}

TEST_F(ExactlyOnce, HoldsWhenFrozenInstanceWakesUpAfterItsSession) {
  constexpr int kFacts = 4'000;
  ConsumerRun run(tests::Broker::Shared().bootstrap(), 4);
  run.SetApiBehaviour(R"({"latency_ms":30})");
  const auto deliveries = Deliveries(kFacts, random_);
  run.kafka().Produce(run.topics().callbacks, deliveries);
  const auto zombie = run.Start("a", "fetch: { max_in_flight: 10 }");
  ASSERT_TRUE(run.PublishedWithin(100, seconds(40))) << zombie->Describe();
  zombie->Signal(SIGSTOP);
  const auto heir = run.Start("b");
  ASSERT_TRUE(run.PublishedWithin(kFacts * 3 / 4, seconds(60))) << heir->Describe();
  zombie->Signal(SIGCONT);
  ExpectEachFactOnce(run, kFacts, deliveries.size(), *zombie);
  EXPECT_TRUE(zombie->IsRunning()) << zombie->Describe();
}

// The window uses record time: the markers that a backlog needs are as old as the backlog, and a
// restore that began at now - window would miss them all.
TEST_F(ExactlyOnce, HoldsWhenInstanceIsKilledInBacklogOfDays) {
  constexpr int kFacts = 2'000;
  const auto now = common::WallNow().time_since_epoch();
  const auto Milliseconds = [](auto time) {
    return std::chrono::duration_cast<milliseconds>(time).count();
  };
  std::vector<tests::Record> deliveries;
  for (int fact = 0; fact < kFacts; ++fact) {
    // Spread over three days that ended two days ago; redelivered after 30 s and up to 10 h.
    const auto first = now - hours(5 * 24) + fact * seconds(3 * 24 * 3600) / kFacts;
    for (const auto later : {seconds(0), seconds(30), seconds(60 + random_() % 36'000)}) {
      deliveries.push_back(ConsumerRun::Delivery(fact));
      deliveries.back().timestamp_ms = Milliseconds(first + later);
    }
  }
  std::stable_sort(deliveries.begin(), deliveries.end(),
                   [](const auto& a, const auto& b) { return a.timestamp_ms < b.timestamp_ms; });
  ConsumerRun run(tests::Broker::Shared().bootstrap(), 4);
  run.SetApiBehaviour(R"({"latency_ms":20})");
  run.kafka().Produce(run.topics().callbacks, deliveries);
  for (const int enough : {kFacts / 4, kFacts / 2}) {
    const auto instance = run.Start("a", "fetch: { max_in_flight: 20 }");
    ASSERT_TRUE(run.PublishedWithin(static_cast<std::size_t>(enough), seconds(40)))
        << instance->Describe();
    instance->Kill();
  }
  const auto instance = run.Start("a");
  ExpectEachFactOnce(run, kFacts, deliveries.size(), *instance);
}

// The ack of a callback is lost as an outage begins: the callback is on the topic at once, and
// again from the spool after the outage.
TEST_F(ExactlyOnce, HoldsForSpoolCopiesAfterOutageOfTwoDays) {
  constexpr int kFacts = 200;
  const auto now = std::chrono::floor<milliseconds>(common::WallNow());
  std::vector<tests::Record> at_once;
  std::vector<tests::Record> spooled;
  for (int fact = 0; fact < kFacts; ++fact) {
    const common::WallTime received = now - hours(47) + fact * seconds(1);
    tests::Record delivery = ConsumerRun::Delivery(fact);
    delivery.headers = {{"provider", "paper"}, {"received-at", common::FormatRfc3339(received)}};
    delivery.timestamp_ms = received.time_since_epoch().count() + 5;
    at_once.push_back(delivery);
    delivery.headers.push_back({"spooled", "1"});
    delivery.timestamp_ms = now.time_since_epoch().count();
    spooled.push_back(delivery);
  }
  ConsumerRun run(tests::Broker::Shared().bootstrap(), 4);
  run.kafka().Produce(run.topics().callbacks, at_once);
  {
    const auto instance = run.Start("a");
    ASSERT_TRUE(run.PublishedWithin(kFacts, seconds(60))) << instance->Describe();
    instance->Kill();
  }
  run.kafka().Produce(run.topics().callbacks, spooled);
  const auto instance = run.Start("a");
  ExpectEachFactOnce(run, kFacts, at_once.size() + spooled.size(), *instance);
}

// Three nodes: a single killed node sometimes forgets the abort markers of open transactions, and
// its partitions then block every read_committed reader.
TEST_F(ExactlyOnce, HoldsWhenBrokersAreKilledUnderLoad) {
  constexpr int kFacts = 3'000;
  constexpr int kNodes = 3;
  const auto cluster = tests::Broker::Start(kNodes);
  ConsumerRun run(cluster->bootstrap(), 4, kNodes);
  const auto deliveries = Deliveries(kFacts, random_);
  const auto instance = run.Start("a", "fetch: { max_in_flight: 10 }");
  auto next = deliveries.begin();
  for (int node = 1; node <= kNodes; ++node) {
    const std::size_t before = run.Counts(run.topics().processes).size();
    const auto end =
        deliveries.begin() + std::distance(deliveries.begin(), deliveries.end()) * node / kNodes;
    run.kafka().Produce(run.topics().callbacks, {next, end});
    next = end;
    const std::size_t enough = std::min<std::size_t>(before + 50 + random_() % 200, kFacts);
    ASSERT_TRUE(run.PublishedWithin(enough, seconds(60))) << instance->Describe();
    cluster->Kill(node);
    cluster->Restart(node);
  }
  ExpectEachFactOnce(run, kFacts, deliveries.size(), *instance);
  EXPECT_TRUE(instance->IsRunning()) << instance->Describe();
}

}  // namespace
}  // namespace consumer
