// Announced processes of partitions that come and go, and how they are counted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/consumer/lane/expected_bench.h"

namespace consumer {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(ExpectedProcess, IsNotPublishedByALaneThatLostItsPartition) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Announce("p1");
  bench.Later(1h);
  bench.committer.is_hanging = true;
  bench.fetcher.Finish("p1");
  bench.source.Revoke(/*is_lost=*/true);  // The group has moved on: its commit is fenced.
  bench.Turn();
  bench.committer.is_hanging = false;
  bench.Turn();
  EXPECT_THAT(bench.Published(), IsEmpty());
  EXPECT_THAT(bench.announcements.followed, IsEmpty());
  bench.Pass(24h);
  bench.Turn();
  EXPECT_THAT(bench.fetcher.jobs, IsEmpty());
}

TEST(ExpectedProcess, IsWatchedAgainAfterRevocation) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Announce("p1");
  bench.Later(1h);
  ASSERT_THAT(bench.Looks(), SizeIs(1));
  bench.Restart();
  EXPECT_THAT(bench.Looks(), IsEmpty());
  bench.Later(11min);
  bench.fetcher.Finish("p1");
  bench.Turn();
  EXPECT_THAT(bench.Published(), ElementsAre("p1"));
}

TEST(ExpectedProcess, IsPublishedOnceIfTheEndOfItsTransactionIsUnknown) {
  for (const bool is_applied : {true, false}) {
    ExpectedBench bench;
    bench.AssignAndRestore({0});
    bench.Announce("p1");
    bench.Later(1h);
    bench.committer.script = {{CommitOutcome::kUnknown, is_applied}};
    bench.fetcher.Finish("p1");
    bench.Turn();
    bench.Later(11min);
    bench.fetcher.FinishAll();
    bench.Turn();
    EXPECT_THAT(bench.Published(), ElementsAre("p1")) << is_applied;
  }
}

TEST(ExpectedProcess, IsCountedOnlyOnceAllAnnouncementsAreRead) {
  ExpectedBench bench;
  const auto shown = [&bench] {
    bench.Turn(30);
    const LaneGauges& gauges = bench.events.gauges;
    return gauges.expected_waiting ? std::to_string(*gauges.expected_waiting) + " waiting, " +
                                         std::to_string(*gauges.expected_due) + " due"
                                   : "unknown";
  };
  bench.announcements.unreadable = {Partition(1)};
  EXPECT_EQ(shown(), "unknown") << "not in the group";
  bench.AssignAndRestore({0, 1});
  bench.Announce("p1");
  EXPECT_EQ(shown(), "unknown");
  bench.announcements.unreadable = {};
  EXPECT_EQ(shown(), "1 waiting, 0 due");
  bench.announcements.unreadable = {Partition(0)};
  EXPECT_EQ(shown(), "1 waiting, 0 due") << "read once";
  bench.source.Revoke();
  bench.source.Assign({0, 1});
  EXPECT_EQ(shown(), "unknown") << "a new assignment";
  bench.announcements.unreadable = {};
  EXPECT_EQ(shown(), "1 waiting, 0 due");
  bench.restorer.is_waiting = true;
  bench.source.Revoke();
  bench.source.Assign({0, 1});
  EXPECT_EQ(shown(), "unknown") << "restoring";
}

TEST(ExpectedProcess, TellsForHowLongAnnouncementsWereNotRead) {
  ExpectedBench bench;
  bench.Turn(30);
  EXPECT_FALSE(bench.events.gauges.expected_read_age) << "there are none to read";
  bench.AssignAndRestore({0, 1});
  bench.Turn(30);
  EXPECT_LT(bench.events.gauges.expected_read_age, 1s);
  bench.announcements.unreadable = {Partition(1)};
  bench.Pass(2h);
  EXPECT_GE(bench.events.gauges.expected_read_age, 2h);
  bench.announcements.unreadable = {};
  bench.Turn(30);
  EXPECT_LT(bench.events.gauges.expected_read_age, 1s);
}

TEST(ExpectedProcess, TellsForHowLongItsLookIsDue) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Announce("p1");
  bench.ArrivesNow("other");
  bench.fetcher.is_breaker_open = true;
  bench.Later(1h);
  bench.Later(40min);
  EXPECT_GE(bench.events.gauges.expected_due_age, 40min);
  bench.fetcher.is_breaker_open = false;
  bench.Turn(30);
  EXPECT_EQ(bench.events.gauges.expected_due_age, 0s);
}

TEST(ExpectedProcess, IsNotWatchedUnlessConfigured) {
  LaneBench bench;
  bench.announcements.Announce(0, "p1", bench.wall_now);
  bench.AssignAndRestore({0});
  bench.Pass(2h);
  bench.Turn();
  EXPECT_THAT(bench.announcements.followed, IsEmpty());
  EXPECT_FALSE(bench.events.gauges.expected_due);
}

}  // namespace
}  // namespace consumer
