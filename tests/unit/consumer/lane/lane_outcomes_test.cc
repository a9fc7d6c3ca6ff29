// Callbacks in the presence of failed transactions, rebalances and bounds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/consumer/lane/lane_bench.h"

namespace consumer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(LaneOutcome, SubmitsSameBatchAgainAfterAbort) {
  LaneBench bench;
  bench.Arrives(0, "p1");
  bench.AssignAndRestore({0});
  bench.committer.script = {{CommitOutcome::kAborted}, {CommitOutcome::kAborted}};
  bench.fetcher.FinishAll();
  bench.Turn(40);
  EXPECT_THAT(bench.Published(), ElementsAre("p1"));
  EXPECT_THAT(bench.committer.submitted, SizeIs(3));
  EXPECT_THAT(bench.fetcher.jobs, IsEmpty()) << "nothing was fetched again";
  EXPECT_EQ(bench.events.disposed.at(Disposal::kPublished), 1);
}

TEST(LaneOutcome, ReadsMembershipForEachAttempt) {
  LaneBench bench;
  bench.Arrives(0, "p1");
  bench.AssignAndRestore({0});
  bench.committer.script = {{CommitOutcome::kAborted}};
  bench.fetcher.FinishAll();
  bench.Turn(3);
  bench.kafka.generation = 9;
  bench.source.membership->generation = 9;
  bench.Turn(20);
  EXPECT_EQ(bench.committer.submitted.back().membership.generation, 9);
  EXPECT_THAT(bench.Published(), ElementsAre("p1"));
}

TEST(LaneOutcome, DropsDuplicateOfAbortedCallback) {
  LaneBench bench;
  bench.Arrives(0, "p1");
  bench.AssignAndRestore({0});
  bench.committer.script = {{CommitOutcome::kAborted}};
  bench.fetcher.FinishAll();
  bench.Turn(2);
  bench.Arrives(0, "p1");
  bench.Turn(40);
  EXPECT_THAT(bench.Published(), ElementsAre("p1"));
  EXPECT_EQ(bench.kafka.committed.at(Partition(0)), Offset(2));
}

TEST(LaneOutcome, RestoresTouchedPartitionsAfterUnknownOutcomeThatWasCommitted) {
  LaneBench bench;
  bench.Arrives(0, "p1");
  bench.Arrives(0, "p2");
  bench.AssignAndRestore({0, 1});
  bench.committer.script = {{CommitOutcome::kUnknown, true}};
  bench.fetcher.Finish("p1");
  bench.Turn();
  EXPECT_THAT(bench.restorer.asked.back(), ElementsAre(Partition(0)));
  EXPECT_THAT(bench.restorer.running, ElementsAre(Partition(1)))
      << "nothing of it was in the batch";
  bench.fetcher.FinishAll();
  bench.Turn();
  EXPECT_THAT(bench.Published(), ElementsAre("p1", "p2"));
  EXPECT_EQ(bench.kafka.committed.at(Partition(0)), Offset(2));
}

// As when a transaction did not begin because an earlier one is open on one partition.
TEST(LaneOutcome, CommitsRestOfBatchWithOneUnknownPartition) {
  LaneBench bench;
  bench.Arrives(0, "p1");
  bench.Arrives(1, "q1");
  bench.Arrives(1, "q2");
  bench.AssignAndRestore({0, 1});
  bench.committer.script = {
      {.outcome = CommitOutcome::kUnknown, .is_applied = false, .unknown = {Partition(0)}}};
  bench.restorer.is_waiting = true;
  bench.fetcher.Finish("p1");
  bench.fetcher.Finish("q1");
  bench.Turn();
  EXPECT_THAT(bench.restorer.asked.back(), ElementsAre(Partition(0)));
  EXPECT_THAT(bench.Published(), ElementsAre("q1")) << "its partition is not in doubt";
  EXPECT_TRUE(bench.fetcher.Finish("q2")) << "still in hand";
  bench.Arrives(1, "q3");
  bench.Turn();
  EXPECT_TRUE(bench.fetcher.Finish("q3")) << "reading continues";
  bench.Turn();
  EXPECT_THAT(bench.Published(), ElementsAre("q1", "q2", "q3"));
  EXPECT_EQ(bench.kafka.committed.at(Partition(1)), Offset(3));
  bench.restorer.is_waiting = false;
  bench.Turn();
  bench.fetcher.FinishAll();
  bench.Turn();
  EXPECT_THAT(bench.Published(), ElementsAre("q1", "q2", "q3", "p1"));
}

TEST(LaneOutcome, FetchesAgainAfterUnknownOutcomeThatWasNotCommitted) {
  LaneBench bench;
  bench.Arrives(0, "p1");
  bench.AssignAndRestore({0});
  bench.committer.script = {{CommitOutcome::kUnknown, false}};
  bench.fetcher.FinishAll();
  bench.Turn();
  ASSERT_THAT(bench.Published(), IsEmpty());
  ASSERT_THAT(bench.fetcher.jobs, SizeIs(1)) << "read and fetched again";
  bench.fetcher.FinishAll();
  bench.Turn();
  EXPECT_THAT(bench.Published(), ElementsAre("p1"));
}

TEST(LaneOutcome, DeadLettersCallbackWithRefusedResult) {
  LaneBench bench;
  bench.Arrives(0, "huge");
  bench.Arrives(0, "small");
  bench.AssignAndRestore({0});
  bench.committer.script = {{CommitOutcome::kAborted, false, {{0, RefusalReason::kTooLarge}}}};
  bench.fetcher.Finish("huge");
  bench.fetcher.Finish("small");
  bench.Turn();
  EXPECT_THAT(bench.Dead(), ElementsAre("huge"));
  EXPECT_THAT(bench.Published(), ElementsAre("small"));
  EXPECT_EQ(common::LastHeader(bench.kafka.dead[0].headers, "dead.reason"), "unreadable-response");
  EXPECT_EQ(common::LastHeader(bench.kafka.seen[0].headers, "outcome"), "dead");
  EXPECT_EQ(bench.kafka.committed.at(Partition(0)), Offset(2));
  EXPECT_EQ(bench.events.disposed.at(Disposal::kDead), 1);
}

TEST(LaneOutcome, CommitsCompleteCallbacksBeforeRevocationAndDropsRest) {
  LaneBench bench;
  bench.Arrives(0, "done");
  bench.Arrives(0, "fetching");
  bench.AssignAndRestore({0});
  bench.committer.is_hanging = true;
  bench.fetcher.Finish("done");
  bench.Turn();
  bench.committer.is_hanging = false;
  bench.source.Revoke();
  bench.Turn();
  EXPECT_THAT(bench.Published(), ElementsAre("done"));
  EXPECT_THAT(bench.fetcher.jobs, IsEmpty());
  EXPECT_FALSE(bench.lane.is_in_group());
  bench.AssignAndRestore({0});
  EXPECT_TRUE(bench.lane.is_in_group());
  bench.fetcher.FinishAll();
  bench.Turn();
  EXPECT_THAT(bench.Published(), ElementsAre("done", "fetching"));
}

TEST(LaneOutcome, CommitsNothingAndRecyclesProducerWhenAssignmentIsLost) {
  LaneBench bench;
  bench.Arrives(0, "p1");
  bench.AssignAndRestore({0});
  bench.fetcher.FinishAll();
  bench.source.Revoke(/*is_lost=*/true);
  bench.Turn();
  EXPECT_THAT(bench.committer.submitted, IsEmpty());
  EXPECT_EQ(bench.committer.recycled, 1);
}

TEST(LaneOutcome, ReplacesProducerFencedByEndOfForgottenTransaction) {
  LaneBench bench;
  bench.AssignAndRestore({0});
  EndedTransaction ended;
  ended.at = Offset(17);
  bench.restorer.ended = {ended};
  bench.Turn();
  EXPECT_THAT(bench.events.ended_at, ElementsAre(Offset(17)));
  EXPECT_EQ(bench.committer.recycled, 1);
}

TEST(LaneOutcome, EndsWhenFencedRepeatedlyWithoutRebalance) {
  LaneBench bench;
  bench.Arrives(0, "p1");
  bench.AssignAndRestore({0});
  const FakeCommitter::Act fenced{
      .outcome = CommitOutcome::kAborted, .is_applied = false, .is_fenced = true};
  bench.committer.script = {fenced, fenced};
  bench.fetcher.FinishAll();
  bench.Turn(50);
  EXPECT_THAT(bench.Published(), ElementsAre("p1"));
  EXPECT_FALSE(bench.lane.failure().has_value()) << "a broker or a tool may have fenced it";

  bench.committer.script = {fenced};
  bench.Arrives(0, "p2");
  bench.Turn();
  bench.fetcher.FinishAll();
  bench.Turn();
  ASSERT_TRUE(bench.lane.failure().has_value());
  EXPECT_EQ(bench.lane.failure()->code, "fenced");
  EXPECT_THAT(bench.lane.failure()->detail, ::testing::HasSubstr("`instance`"));
}

TEST(LaneOutcome, SurvivesFencingsAroundRebalancesAndOldOnes) {
  LaneBench bench;
  const FakeCommitter::Act fenced{
      .outcome = CommitOutcome::kAborted, .is_applied = false, .is_fenced = true};
  for (int i = 0; i < 4; ++i) {
    bench.Arrives(0, "p" + std::to_string(i));
    bench.AssignAndRestore({0});
    bench.committer.script = {fenced};
    bench.fetcher.FinishAll();
    bench.Turn(50);
    bench.source.Revoke();
    bench.Turn();
  }
  bench.AssignAndRestore({0});
  for (int i = 4; i < 8; ++i) {
    bench.Arrives(0, "p" + std::to_string(i));
    bench.Turn();
    bench.committer.script = {fenced};
    bench.fetcher.FinishAll();
    bench.Turn(50);
    bench.Pass(std::chrono::minutes(3));
  }
  EXPECT_THAT(bench.Published(), SizeIs(8));
  EXPECT_FALSE(bench.lane.failure().has_value());
}

TEST(LaneOutcome, DelaysRestoreWhileEarlierBatchMayStillBeCommitted) {
  LaneBench bench;
  bench.Arrives(0, "p1");
  bench.AssignAndRestore({0});
  bench.committer.is_hanging = true;
  bench.fetcher.FinishAll();
  bench.Turn();
  ASSERT_THAT(bench.committer.submitted, SizeIs(1));
  bench.source.Revoke();
  bench.source.Assign({0});
  bench.Turn();
  --bench.kafka.generation;  // a static member may rejoin without a new generation
  bench.source.membership->generation = bench.kafka.generation;
  bench.Turn(20);
  EXPECT_THAT(bench.fetcher.jobs, IsEmpty());
  bench.committer.is_hanging = false;
  bench.Turn();
  EXPECT_THAT(bench.fetcher.jobs, IsEmpty()) << "its marker was restored";
  EXPECT_THAT(bench.Published(), ElementsAre("p1"));
}

TEST(LaneOutcome, CommitsAndLeavesOnClose) {
  LaneBench bench;
  bench.Arrives(0, "p1");
  bench.AssignAndRestore({0});
  bench.fetcher.FinishAll();
  bench.Pass(std::chrono::milliseconds(0));
  bench.lane.Close();
  EXPECT_THAT(bench.Published(), ElementsAre("p1"));
  EXPECT_FALSE(bench.lane.is_in_group());
}

TEST(LaneBounds, StopIntakeAtBoundAndResumeWithQuarterFree) {
  LaneSettings settings = LaneBench::Quick();
  settings.intake.pending = 8;
  LaneBench bench(settings);
  for (int i = 0; i < 20; ++i) bench.Arrives(0, "p" + std::to_string(i));
  bench.AssignAndRestore({0});
  EXPECT_THAT(bench.fetcher.jobs, SizeIs(8));
  EXPECT_TRUE(bench.source.paused.contains(Partition(0)));
  bench.fetcher.Finish("p0");
  bench.Turn();
  EXPECT_THAT(bench.fetcher.jobs, SizeIs(7)) << "one free place is not worth a new read-ahead";
  bench.fetcher.Finish("p1");
  bench.Turn();
  EXPECT_THAT(bench.fetcher.jobs, SizeIs(8));
  for (int i = 0; i < 20; ++i) {
    bench.fetcher.FinishAll();
    bench.Turn();
  }
  EXPECT_THAT(bench.Published(), SizeIs(20));
  EXPECT_EQ(bench.source.needless_resumes, 0);
}

TEST(LaneBounds, CountBytesInHand) {
  LaneSettings settings = LaneBench::Quick();
  settings.intake.bytes = 1'000;
  LaneBench bench(settings);
  const std::string padding(600, ' ');
  for (int i = 0; i < 4; ++i) {
    const std::string process = "p" + std::to_string(i);
    bench.ArrivesRaw(0, process, R"({"dossierId":"d","processId":")" + process + "\"}" + padding);
  }
  bench.AssignAndRestore({0});
  EXPECT_THAT(bench.fetcher.jobs, SizeIs(2));
}

TEST(LaneBounds, TakeInOneProbeWhileBreakerIsOpen) {
  LaneBench bench;
  bench.fetcher.is_breaker_open = true;
  for (int i = 0; i < 5; ++i) bench.Arrives(0, "p" + std::to_string(i));
  bench.AssignAndRestore({0});
  EXPECT_THAT(bench.fetcher.jobs, IsEmpty());
  bench.fetcher.may_probe = true;
  bench.Turn();
  EXPECT_THAT(bench.fetcher.jobs, SizeIs(1)) << "with nothing in hand it would never close";
  bench.fetcher.is_breaker_open = false;
  bench.Turn();
  EXPECT_THAT(bench.fetcher.jobs, SizeIs(5));
}

TEST(LaneBounds, AdmitFreshCallbacksBehindMillionRedeliveriesOfStuckOne) {
  LaneBench bench;
  bench.Arrives(0, "stuck");
  for (int i = 0; i < 1'100; ++i) {
    bench.Arrives(0, "stuck");
    bench.kafka.callbacks[Partition(0)].back().offset =
        Offset(1'000 * (i + 1));  // as many offsets as redeliveries
  }
  bench.AssignAndRestore({0});
  bench.Arrives(0, "fresh");
  bench.kafka.callbacks[Partition(0)].back().offset = Offset(2'000'000);
  bench.Turn();
  ASSERT_TRUE(bench.fetcher.Finish("fresh"));
  bench.Turn(40);
  EXPECT_THAT(bench.Published(), ElementsAre("fresh"));
  EXPECT_EQ(bench.kafka.committed.at(Partition(0)), Offset(0))
      << "the stuck callback is not handled yet";
  EXPECT_EQ(bench.events.gauges.uncommitted_offsets, 2'000'001);
  EXPECT_EQ(bench.source.pauses, 0);
}

TEST(LaneBounds, CollectNoResultsWhileTooManyWaitForCommit) {
  LaneSettings settings = LaneBench::Quick();
  settings.max_results_bytes = 1;
  LaneBench bench(settings);
  bench.Arrives(0, "p1");
  bench.Arrives(0, "p2");
  bench.AssignAndRestore({0});
  bench.committer.is_hanging = true;
  bench.fetcher.Finish("p1");
  bench.Turn();
  bench.fetcher.Finish("p2");
  bench.Turn();
  EXPECT_GT(bench.lane.NextDue(bench.now), bench.now) << "no busy waiting meanwhile";
  bench.committer.is_hanging = false;
  bench.Turn(10);
  EXPECT_THAT(bench.Published(), ElementsAre("p1", "p2"));
}

TEST(LaneBounds, HoldIntakeOnRequest) {
  LaneBench bench;
  bench.Arrives(0, "p1");
  bench.lane.HoldIntake(true);
  bench.AssignAndRestore({0});
  EXPECT_THAT(bench.fetcher.jobs, IsEmpty());
  bench.lane.HoldIntake(false);
  bench.Turn();
  EXPECT_THAT(bench.fetcher.jobs, SizeIs(1));
}

TEST(LaneOutcome, ReportsWaitOfCallbackUnlessRedriven) {
  LaneBench bench;
  const std::string received = common::FormatRfc3339(common::WallTime(std::chrono::hours(499'999)));
  const auto body = [](const std::string& process) {
    return R"({"dossierId":"d","processId":")" + process + "\"}";
  };
  bench.ArrivesRaw(0, "p1", body("p1"), 0, {{"received-at", received}});
  bench.ArrivesRaw(0, "p2", body("p2"), 0,
                   {{"received-at", received}, {"redrive", "callbacks.dead-0-1"}});
  bench.AssignAndRestore({0});
  bench.fetcher.FinishAll();
  bench.Turn();
  EXPECT_THAT(bench.Published(), ElementsAre("p1", "p2"));
  EXPECT_THAT(bench.events.waits, ElementsAre(std::chrono::hours(1)));
}

TEST(LaneOutcome, ReportsZeroWaitAndSkewOfCallbackFromFuture) {
  LaneBench bench;
  const auto received = [](std::chrono::milliseconds ahead) {
    return common::FormatRfc3339(common::WallTime(std::chrono::hours(500'000)) + ahead);
  };
  const auto arrives = [&](const std::string& process, std::chrono::milliseconds ahead) {
    bench.ArrivesRaw(0, process, R"({"dossierId":"d","processId":")" + process + "\"}", 0,
                     {{"received-at", received(ahead)}});
  };
  arrives("p1", std::chrono::milliseconds(7'250));
  arrives("p2", std::chrono::milliseconds(-40));
  arrives("p1", std::chrono::milliseconds(8'000));
  bench.AssignAndRestore({0});
  bench.fetcher.FinishAll();
  bench.Turn();
  EXPECT_THAT(bench.Published(), ElementsAre("p1", "p2"));
  EXPECT_THAT(bench.events.waits,
              ElementsAre(std::chrono::milliseconds(0), std::chrono::milliseconds(40)));
  EXPECT_THAT(bench.events.aheads,
              ElementsAre(std::chrono::milliseconds(7'250), std::chrono::milliseconds(0),
                          std::chrono::milliseconds(8'000)))
      << "redeliveries too";
}

}  // namespace
}  // namespace consumer
