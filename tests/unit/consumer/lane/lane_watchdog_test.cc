// Things that the client library can fail to do for the rest of its life.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <utility>
#include <vector>

#include "consumer/lane/pulse.h"
#include "tests/unit/consumer/lane/lane_bench.h"

namespace consumer {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// A partition that has delivered its first record and then nothing, although four more wait.
class StalledPartition : public ::testing::Test {
 protected:
  StalledPartition() {
    bench.Arrives(0, "p1");
    bench.AssignAndRestore({0});
    Pass(seconds(1));
  }
  /// In steps; looks up the end of the log like the restorer.
  void Pass(seconds time) {
    for (seconds passed{0}; passed < time; ++passed) {
      if (is_end_known) bench.restorer.bounds = {{.partition = Partition(0), .end = Offset(5)}};
      bench.Pass(seconds(1));
    }
  }

  LaneBench bench;
  bool is_end_known = true;
};

TEST_F(StalledPartition, IsSoughtAgainAfterThirtySeconds) {
  Pass(seconds(27));
  EXPECT_THAT(bench.events.stalls, IsEmpty());
  Pass(seconds(4));
  EXPECT_THAT(bench.events.stalls, ElementsAre(std::pair(Partition(0), Offset(1))));
  EXPECT_EQ(bench.source.seeks.back(), std::pair(Partition(0), Offset(1)));
  EXPECT_EQ(bench.events.gauges.lag, 4);
  EXPECT_THAT(bench.events.renewals, IsEmpty());
}

TEST_F(StalledPartition, GetsNewClientWhenSeekingDoesNotHelp) {
  Pass(seconds(95));
  EXPECT_THAT(bench.events.stalls, SizeIs(3));
  EXPECT_THAT(bench.events.renewals, ElementsAre("a partition delivers no records"));
  EXPECT_EQ(bench.source.renewals, 1);
  bench.AssignAndRestore({0});
  EXPECT_EQ(bench.source.seeks.back(), std::pair(Partition(0), Offset(0)))
      << "at the restored offset";
}

TEST_F(StalledPartition, GetsMoreTimeAfterEachNewClient) {
  Pass(seconds(95));
  bench.kafka.callbacks[Partition(0)].clear();  // Not even the first record comes.
  bench.AssignAndRestore({0});
  Pass(seconds(55));
  EXPECT_THAT(bench.events.stalls, SizeIs(3));
  Pass(seconds(10));
  EXPECT_THAT(bench.events.stalls, SizeIs(4));
}

TEST_F(StalledPartition, IsLeftAloneOnceItDeliversAgain) {
  Pass(seconds(31));
  for (int i = 2; i <= 5; ++i) bench.Arrives(0, "p" + std::to_string(i));
  Pass(seconds(300));
  EXPECT_THAT(bench.events.stalls, SizeIs(1));
  EXPECT_THAT(bench.events.renewals, IsEmpty());
}

TEST_F(StalledPartition, IsNotReportedWhileItsBrokersAreUnavailable) {
  is_end_known = false;
  Pass(seconds(300));
  EXPECT_THAT(bench.events.stalls, IsEmpty());
}

TEST(LaneWatchdog, ReplacesClientWithoutAssignment) {
  LaneBench bench;
  bench.Turn();
  bench.Pass(seconds(179));
  EXPECT_THAT(bench.events.renewals, IsEmpty());
  bench.Pass(seconds(2));
  EXPECT_THAT(bench.events.renewals, ElementsAre("the group assigns no partitions"));
  bench.Pass(seconds(100));
  EXPECT_EQ(bench.source.renewals, 1) << "the new client gets the same time";
  bench.source.Assign({});
  for (int i = 0; i < 10; ++i) bench.Pass(seconds(100));
  EXPECT_EQ(bench.source.renewals, 1) << "an empty assignment counts";
}

TEST(LaneWatchdog, CommitsCompleteCallbacksBeforeReplacingClient) {
  LaneBench bench;
  bench.Arrives(0, "p1");
  bench.AssignAndRestore({0});
  for (int passed = 0; passed < 100 && bench.source.renewals == 0; ++passed) {
    bench.restorer.bounds = {{.partition = Partition(0), .end = Offset(5)}};
    if (passed == 89) bench.fetcher.FinishAll();
    bench.Pass(seconds(1));
  }
  ASSERT_EQ(bench.source.renewals, 1);
  EXPECT_THAT(bench.Published(), ElementsAre("p1"));
}

// Its own predecessor may have left the offset pending, and Kafka may have forgotten that, too,
// when its producer began.
TEST(LaneWatchdog, ReplacesProducerOnceAMinuteWhileAnOffsetStaysPending) {
  LaneBench bench;
  bench.restorer.is_waiting = true;
  bench.source.Assign({0, 1});
  bench.restorer.stuck = {{Partition(0), Awaiting::kMarkers, Offset(7), seconds(61)}};
  bench.Pass(seconds(61));
  EXPECT_EQ(bench.committer.recycled, 0) << "that cannot help";
  bench.restorer.stuck = {{Partition(0), Awaiting::kMarkers, Offset(7), seconds(62)},
                          {Partition(1), Awaiting::kOffsets, std::nullopt, seconds(61)}};
  for (int passed = 0; passed < 119; ++passed) bench.Pass(seconds(1));
  EXPECT_EQ(bench.committer.recycled, 2);
}

TEST(LaneWatchdog, ReportsStuckRestores) {
  LaneBench bench;
  bench.restorer.is_waiting = true;
  bench.source.Assign({0, 1});
  bench.Turn();
  EXPECT_FALSE(bench.lane.is_restore_stuck());
  bench.restorer.stuck = {{Partition(1), Awaiting::kOffsets, std::nullopt, seconds(61)}};
  bench.restorer.bounds = {{.partition = Partition(0), .end = Offset(10), .committed = Offset(4)},
                           {.partition = Partition(1), .end = Offset(7), .committed = Offset(7)}};
  bench.Pass(seconds(61));
  bench.Pass(seconds(1));
  EXPECT_TRUE(bench.lane.is_restore_stuck());
  EXPECT_EQ(bench.events.gauges.restoring, 2U);
  EXPECT_EQ(bench.events.gauges.stuck, 1U);
  EXPECT_GE(bench.events.gauges.restoring_for, seconds(61));
  EXPECT_EQ(bench.events.gauges.lag, 6) << "counted before anything is restored";

  bench.restorer.stuck.clear();
  bench.restorer.is_waiting = false;
  bench.Pass(seconds(1));
  EXPECT_FALSE(bench.lane.is_restore_stuck());
  bench.Pass(seconds(1));
  EXPECT_EQ(bench.events.gauges.restoring_for, milliseconds(0));
}

TEST(Pulse, IsAliveWhileItBeatsOrRests) {
  const Pulse::Clock::time_point start{};
  Pulse pulse;
  EXPECT_TRUE(pulse.IsAlive(start + seconds(1'000), seconds(1))) << "not started";
  pulse.Beat(start);
  EXPECT_TRUE(pulse.IsAlive(start + seconds(1), seconds(1)));
  EXPECT_FALSE(pulse.IsAlive(start + milliseconds(1'001), seconds(1)));
  pulse.Rest();
  EXPECT_TRUE(pulse.IsAlive(start + seconds(1'000), seconds(1)));
}

/// A member that is told "fenced" and has a callback in hand.
class FencedMember : public ::testing::Test {
 protected:
  FencedMember() {
    bench.Arrives(0, "p1");
    bench.AssignAndRestore({0});
  }
  void Fence() {
    bench.source.failed = common::Error{common::Remedy::kStop, "fenced", "in librdkafka's words"};
    bench.Turn();
  }

  LaneBench bench;
};

TEST_F(FencedMember, RejoinsWhenItsOwnLateJoinMayHaveFencedIt) {
  bench.source.doubt = FencingDoubt::kLateJoin;
  Fence();
  EXPECT_FALSE(bench.lane.failure().has_value());
  EXPECT_EQ(bench.source.renewals, 1);
  EXPECT_EQ(bench.source.fresh_names, 0);
  EXPECT_THAT(bench.events.renewals, ElementsAre("its own late join has fenced it"));
  bench.AssignAndRestore({0});
  bench.fetcher.FinishAll();
  bench.Turn();
  EXPECT_THAT(bench.Published(), ElementsAre("p1"));
}

TEST_F(FencedMember, RejoinsWhenCoordinatorMayHaveForgottenItsJoin) {
  bench.source.doubt = FencingDoubt::kForgottenJoin;
  Fence();
  EXPECT_FALSE(bench.lane.failure().has_value());
  EXPECT_EQ(bench.source.fresh_names, 0);
  EXPECT_THAT(bench.events.renewals, ElementsAre("the coordinator has forgotten its join"));
}

TEST_F(FencedMember, EndsWithoutDoubt) {
  Fence();
  ASSERT_TRUE(bench.lane.failure().has_value());
  EXPECT_EQ(bench.lane.failure()->code, "fenced");
  EXPECT_THAT(bench.lane.failure()->detail, ::testing::HasSubstr("another instance of the group"));
  EXPECT_THAT(bench.lane.failure()->detail, ::testing::HasSubstr("in librdkafka's words"));
  EXPECT_EQ(bench.source.renewals, 0);
}

// A broker that freezes again and again. Each fencing has a late join of its own.
TEST_F(FencedMember, RejoinsAfterEveryLateJoinOfItsOwn) {
  bench.source.doubt = FencingDoubt::kLateJoin;
  for (int i = 0; i < 10; ++i) {
    Fence();
    ASSERT_FALSE(bench.lane.failure().has_value());
    bench.AssignAndRestore({0});
  }
  EXPECT_EQ(bench.source.renewals, 10);
}

TEST_F(FencedMember, RejoinsWhenCoordinatorForgetsItTwiceAMinute) {
  bench.source.doubt = FencingDoubt::kForgottenJoin;
  for (int i = 0; i < 6; ++i) {
    Fence();
    ASSERT_FALSE(bench.lane.failure().has_value());
    bench.AssignAndRestore({0});
    bench.Pass(seconds(31));
  }
}

TEST_F(FencedMember, EndsWhenCoordinatorSeemsToForgetItThreeTimesWithinMinute) {
  bench.source.doubt = FencingDoubt::kForgottenJoin;
  for (int i = 0; i < 2; ++i) {
    Fence();
    ASSERT_FALSE(bench.lane.failure().has_value());
    bench.AssignAndRestore({0});
  }
  Fence();
  ASSERT_TRUE(bench.lane.failure().has_value());
  EXPECT_THAT(bench.lane.failure()->detail, ::testing::HasSubstr("`instance`"));
}

// Each call may block for a second, and the watchdog judges the whole turn.
TEST(LaneSeek, AsksForAllPartitionsInOneCall) {
  LaneBench bench;
  std::vector<std::int32_t> many(40);
  std::iota(many.begin(), many.end(), 0);
  bench.source.can_seek = false;
  bench.AssignAndRestore(many);
  EXPECT_GT(bench.source.seek_calls, 0);
  EXPECT_EQ(bench.source.seeks.size(), many.size() * bench.source.seek_calls);
  bench.source.can_seek = true;
  bench.Turn();
  EXPECT_THAT(bench.source.paused, ::testing::IsEmpty());
}

}  // namespace
}  // namespace consumer
