// Copies of one delivery made by ingest itself, at any distance, and new deliveries.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>

#include "tests/support/seed.h"
#include "tests/unit/consumer/lane/lane_bench.h"

namespace consumer {
namespace {

using ::testing::ElementsAre;

constexpr int kHour = 60;  // In minutes, the unit of LaneBench.

class SpoolCopies : public ::testing::Test {
 protected:
  void SetUp() override { bench.AssignAndRestore({0}); }

  /// A callback of the provider paper, whose window is an hour. Times are in minutes.
  void Arrives(const std::string& process, int received, int record, bool is_spooled,
               common::RecordHeaders more = {}) {
    common::RecordHeaders headers{{"provider", "paper"},
                                  {"received-at", common::FormatRfc3339(LaneBench::Time(received))},
                                  {"request-id", "r" + std::to_string(received)}};
    if (is_spooled) headers.push_back({"spooled", "1"});
    std::ranges::move(more, std::back_inserter(headers));
    bench.ArrivesRaw(0, process, R"({"dossierId":"d","processId":")" + process + R"("})", record,
                     std::move(headers));
    bench.Turn();
    bench.fetcher.FinishAll();
    bench.Turn();
  }
  void Restart() {
    bench.source.Revoke();
    bench.AssignAndRestore({0});
  }

  LaneBench bench;
};

TEST_F(SpoolCopies, AreOneFactAfterOutageLongerThanWindow) {
  Arrives("p", 0, 0, false);
  Arrives("p", 0, 3 * kHour, true);
  EXPECT_THAT(bench.Published(), ElementsAre("p"));
  EXPECT_EQ(bench.events.disposed[Disposal::kDuplicate], 1);
}

TEST_F(SpoolCopies, AreOneFactAfterRestart) {
  Arrives("p", 0, 0, false);
  Restart();
  Arrives("p", 0, 47 * kHour, true);
  EXPECT_THAT(bench.Published(), ElementsAre("p"));
}

TEST_F(SpoolCopies, AreOneFactIfFrozenBrokerWritesFirstOneLast) {
  for (const bool restarts : {false, true}) {
    const std::string process = restarts ? "q" : "p";
    Arrives(process, 0, 3 * kHour, true);
    if (restarts) Restart();
    Arrives(process, 0, 3 * kHour + 1, false);
  }
  EXPECT_THAT(bench.Published(), ElementsAre("p", "q"));
}

TEST_F(SpoolCopies, AreOneFactIfSpoolIsReplayedTwice) {
  Arrives("p", 0, 30 * kHour, true);
  Arrives("q", 30 * kHour, 60 * kHour, false);
  Restart();
  Arrives("p", 0, 60 * kHour, true);
  EXPECT_THAT(bench.Published(), ElementsAre("p", "q"));
}

TEST_F(SpoolCopies, LeaveDeliveryAfterWindowANewFact) {
  Arrives("at once", 0, 0, false);
  Arrives("at once", 3 * kHour, 3 * kHour, false);
  Arrives("spooled again", 4 * kHour, 4 * kHour, false);
  Arrives("spooled again", 7 * kHour, 8 * kHour, true);
  Arrives("after a replay", 9 * kHour, 12 * kHour, true);
  Restart();
  Arrives("after a replay", 13 * kHour, 13 * kHour, false);
  EXPECT_THAT(bench.Published(), ElementsAre("at once", "at once", "spooled again", "spooled again",
                                             "after a replay", "after a replay"));
}

TEST_F(SpoolCopies, LeaveDeliveryWithinWindowADuplicate) {
  Arrives("p", 0, 30, true);
  Arrives("p", 40, 40, false);
  Arrives("p", 50, 90, true);
  EXPECT_THAT(bench.Published(), ElementsAre("p"));
}

// A redriven letter has the headers of its original callback.
TEST_F(SpoolCopies, DoNotPreventSecondRedrive) {
  Arrives("p", 0, 3 * kHour, true);
  Arrives("p", 0, 6 * kHour, true, {{"redrive", "callbacks.dead-1-7"}});
  Arrives("p", 0, 6 * kHour + 1, true, {{"redrive", "callbacks.dead-1-7"}});
  Arrives("p", 0, 9 * kHour, true, {{"redrive", "callbacks.dead-1-7"}});
  EXPECT_THAT(bench.Published(), ElementsAre("p", "p", "p")) << "once more within the window";
}

TEST_F(SpoolCopies, AreMarkedAtJudgedTime) {
  Arrives("p", 0, 30, true);
  ASSERT_EQ(bench.kafka.seen.size(), 1U);
  EXPECT_EQ(bench.kafka.seen[0].timestamp, LaneBench::Time(0));
}

/// Deliveries of a few facts, each later than the window after the fact's last outcome, and copies
/// of them in any order after outages of any length within the reach.
class Deliveries {
 public:
  explicit Deliveries(unsigned seed) : random_(seed) { bench.AssignAndRestore({0, 1}); }

  void Deliver() {
    minute_ += Below(5 * kHour);
    const int fact = Below(6);
    if (minute_ < silent_until_[fact]) return;
    ++expected;
    const int received = minute_;
    const bool is_first_spooled = Below(3) == 0;
    if (is_first_spooled || Below(3) == 0) EndOutage();
    Append(fact, received, is_first_spooled);
    for (int copies = Below(3); copies > 0; --copies) {
      EndOutage();
      Append(fact, received, /*is_spooled=*/true);
    }
    if (is_first_spooled && Below(2) == 0) Append(fact, received, /*is_spooled=*/false);
    Finish();
    // The table keeps hours, so a window may be an hour longer.
    silent_until_[fact] = minute_ + 2 * kHour;
  }

  LaneBench bench;
  std::size_t expected = 0;

 private:
  int Below(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random_); }
  void EndOutage() { minute_ += Below(10 * kHour); }

  void Append(int fact, int received, bool is_spooled) {
    const std::string process = "p" + std::to_string(fact);
    common::RecordHeaders headers{
        {"provider", "paper"}, {"received-at", common::FormatRfc3339(LaneBench::Time(received))}};
    if (is_spooled) headers.push_back({"spooled", "1"});
    bench.ArrivesRaw(fact % 2, process, R"({"dossierId":"d","processId":")" + process + R"("})",
                     minute_, std::move(headers));
    bench.Turn();
    if (Below(4) > 0) Finish();
    if (Below(4) > 0) return;
    bench.source.Revoke();
    bench.AssignAndRestore({0, 1});
  }
  void Finish() {
    bench.fetcher.FinishAll();
    bench.Turn();
  }

  std::mt19937 random_;
  std::map<int, int> silent_until_;
  int minute_ = 0;
};

TEST(Lane, PublishesEachDeliveryOnceUnderRandomCopiesAndRestarts) {
  const unsigned first_seed = tests::Seed();
  for (unsigned seed = first_seed; seed != first_seed + 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Deliveries deliveries(seed);
    for (int i = 0; i < 60; ++i) deliveries.Deliver();
    ASSERT_EQ(deliveries.bench.Published().size(), deliveries.expected);
    ASSERT_EQ(deliveries.bench.kafka.seen.size(), deliveries.expected) << "one marker each";
  }
}

}  // namespace
}  // namespace consumer
