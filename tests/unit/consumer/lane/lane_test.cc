#include "consumer/lane/lane.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/domain/key_partition.h"
#include "tests/unit/consumer/lane/lane_bench.h"

namespace consumer {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

using Published = std::vector<std::string>;

auto IsOffset(std::int32_t partition, std::int64_t offset) {
  return ::testing::AllOf(::testing::Field(&PartitionOffset::partition, Partition(partition)),
                          ::testing::Field(&PartitionOffset::offset, Offset(offset)));
}

TEST(Lane, PublishesCallbackWithMarkerAndOffset) {
  LaneBench bench;
  bench.Arrives(0, "p1");
  bench.AssignAndRestore({0});
  bench.fetcher.FinishAll();
  bench.Turn();
  EXPECT_THAT(bench.Published(), ElementsAre("p1"));
  EXPECT_EQ(bench.kafka.committed.at(Partition(0)), Offset(1));
  ASSERT_THAT(bench.kafka.seen, SizeIs(1));
  EXPECT_EQ(bench.kafka.seen[0].partition, Partition(0));
  EXPECT_EQ(bench.kafka.seen[0].timestamp, LaneBench::Time(0)) << "the source record's time";
  EXPECT_EQ(bench.events.disposed.at(Disposal::kPublished), 1);
}

TEST(Lane, ReadsNothingBeforePartitionIsRestored) {
  LaneBench bench;
  bench.restorer.is_waiting = true;
  bench.Arrives(0, "p1");
  bench.AssignAndRestore({0});
  EXPECT_THAT(bench.fetcher.jobs, IsEmpty());
  EXPECT_EQ(bench.events.gauges.restoring, 1U);
  bench.restorer.is_waiting = false;
  bench.Turn();
  EXPECT_THAT(bench.fetcher.jobs, SizeIs(1));
}

TEST(Lane, StartsReadingAtRestoredOffset) {
  LaneBench bench;
  for (const char* process : {"p1", "p2", "p3"}) bench.Arrives(0, process);
  bench.kafka.committed[Partition(0)] = Offset(2);
  bench.AssignAndRestore({0});
  bench.fetcher.FinishAll();
  bench.Turn();
  EXPECT_THAT(bench.Published(), ElementsAre("p3"));
}

TEST(Lane, DropsRestoreOfOlderAssignment) {
  LaneBench bench;
  bench.restorer.is_waiting = true;
  bench.Arrives(0, "p1");
  bench.AssignAndRestore({0});
  RestoredPartition stale;
  stale.epoch = bench.restorer.epoch() - 1;
  stale.partition = Partition(0);
  stale.start = Offset(1);
  bench.restorer.stale.push_back(std::move(stale));
  bench.restorer.is_waiting = false;
  bench.Turn();
  bench.fetcher.FinishAll();
  bench.Turn();
  EXPECT_THAT(bench.Published(), ElementsAre("p1")) << "the stale start would have skipped it";
}

TEST(Lane, DropsDuplicateOfCallbackInHandAtAnyTime) {
  LaneBench bench;
  bench.Arrives(0, "p1");
  bench.Arrives(0, "p1", 60 * 24 * 30);  // whatever its record time
  bench.AssignAndRestore({0});
  EXPECT_THAT(bench.fetcher.jobs, SizeIs(1));
  EXPECT_THAT(bench.committer.submitted, IsEmpty()) << "its offset waits for the first one";
  bench.fetcher.FinishAll();
  bench.Turn();
  EXPECT_THAT(bench.Published(), ElementsAre("p1"));
  EXPECT_EQ(bench.kafka.committed.at(Partition(0)), Offset(2));
  EXPECT_EQ(bench.events.disposed.at(Disposal::kDuplicate), 1);
}

TEST(Lane, DropsRedeliveryWithinWindowAndHandlesLaterOne) {
  LaneBench bench;  // the window of onfido is 12 h; up to an hour more is also correct
  bench.Arrives(0, "p1");
  bench.AssignAndRestore({0});
  bench.fetcher.FinishAll();
  bench.Turn();
  bench.Arrives(0, "p1", 60 * 11);
  bench.Turn();
  EXPECT_THAT(bench.fetcher.jobs, IsEmpty());
  EXPECT_EQ(bench.kafka.committed.at(Partition(0)), Offset(2))
      << "duplicates alone are committed too";
  bench.Arrives(0, "p1", 60 * 14);
  bench.Turn();
  EXPECT_THAT(bench.fetcher.jobs, SizeIs(1));
}

TEST(Lane, TreatsAnotherStatusAsNewFact) {
  LaneBench bench;
  bench.Arrives(0, "p1", 0, "pending");
  bench.Arrives(0, "p1", 0, "accepted");
  bench.AssignAndRestore({0});
  ASSERT_THAT(bench.fetcher.jobs, SizeIs(2));
  EXPECT_FALSE(bench.fetcher.jobs[0].is_final);
  EXPECT_TRUE(bench.fetcher.jobs[1].is_final);
}

TEST(Lane, DeadLettersUnreadableBodyWithoutFetching) {
  LaneBench bench;
  bench.ArrivesRaw(0, "key", "no json", 0, {{"provider", "readid"}, {"x", "kept"}});
  bench.AssignAndRestore({0});
  EXPECT_THAT(bench.fetcher.jobs, IsEmpty());
  ASSERT_THAT(bench.Dead(), ElementsAre("key"));
  const OutgoingRecord& letter = bench.kafka.dead[0];
  EXPECT_EQ(letter.value, "no json");
  EXPECT_FALSE(letter.partition.has_value());
  EXPECT_EQ(common::LastHeader(letter.headers, "x"), "kept");
  EXPECT_EQ(common::LastHeader(letter.headers, "dead.reason"), "malformed");
  EXPECT_EQ(common::LastHeader(letter.headers, "dead.attempts"), "0");
  EXPECT_EQ(common::LastHeader(letter.headers, "dead.topic"), "callbacks");
  EXPECT_EQ(common::LastHeader(bench.kafka.seen.at(0).headers, "outcome"), "dead");
  EXPECT_EQ(common::LastHeader(bench.kafka.seen.at(0).headers, "key-hash"),
            common::ToHashText(common::Murmur2("key")))
      << "of the callback's record";
}

TEST(Lane, DeadLettersUnfetchableCallback) {
  LaneBench bench;
  bench.Arrives(0, "p1");
  bench.AssignAndRestore({0});
  ASSERT_TRUE(bench.fetcher.Fail("p1", common::DeadReason::kGone, 410));
  bench.Turn();
  ASSERT_THAT(bench.Dead(), ElementsAre("p1"));
  const common::RecordHeaders& headers = bench.kafka.dead[0].headers;
  EXPECT_EQ(common::LastHeader(headers, "dead.reason"), "gone");
  EXPECT_EQ(common::LastHeader(headers, "dead.http-status"), "410");
  EXPECT_EQ(common::LastHeader(headers, "dead.attempts"), "3");
  EXPECT_EQ(common::LastHeader(headers, "dead.fetch-ms"), "250");
  EXPECT_EQ(common::LastHeader(headers, "dead.trace-id"), "trace-1");
  EXPECT_EQ(bench.events.disposed.at(Disposal::kDead), 1);
}

TEST(Lane, ReportsEffortOfFetch) {
  LaneBench bench;
  bench.Arrives(0, "p1");
  bench.AssignAndRestore({0});
  ASSERT_TRUE(bench.fetcher.Finish("p1"));
  bench.Turn();
  const common::RecordHeaders& headers = bench.kafka.processes.at(0).headers;
  EXPECT_EQ(common::LastHeader(headers, "attempts"), "3");
  EXPECT_EQ(common::LastHeader(headers, "fetch-ms"), "250");
}

TEST(Lane, ShowsTheNextProbeWhileTheBreakerIsOpen) {
  LaneBench bench;
  bench.fetcher.next_due = std::chrono::seconds(7);
  bench.AssignAndRestore({0});
  EXPECT_EQ(bench.events.gauges.next_probe, std::nullopt) << "closed";
  bench.fetcher.is_breaker_open = true;
  bench.Pass(std::chrono::seconds(1));
  EXPECT_EQ(bench.events.gauges.next_probe,
            common::WallTime(std::chrono::hours(500'000)) + std::chrono::seconds(7));
}

TEST(Lane, CommitsOffsetOfTouchedPartitionEvenIfUnmoved) {
  LaneBench bench;  // A1: otherwise the broker checks no generation
  bench.Arrives(0, "slow");
  bench.Arrives(0, "quick");
  bench.AssignAndRestore({0, 1});
  ASSERT_TRUE(bench.fetcher.Finish("quick"));
  bench.Turn();
  ASSERT_THAT(bench.committer.submitted, SizeIs(1));
  EXPECT_THAT(bench.committer.submitted[0].offsets, ElementsAre(IsOffset(0, 0)));
  EXPECT_THAT(bench.Published(), ElementsAre("quick"));
}

TEST(Lane, CommitsBasisWithEachOffset) {
  LaneBench bench;
  bench.Arrives(0, "slow", 1);
  bench.Arrives(0, "quick", 2);
  bench.AssignAndRestore({0, 1});
  ASSERT_TRUE(bench.fetcher.Finish("quick"));
  bench.Turn();
  const common::OffsetMetadata& first = bench.kafka.metadata.at(Partition(0));
  EXPECT_EQ(first.partitions, 12);
  EXPECT_EQ(first.last, (common::OffsetWitness{Offset(0), LaneBench::Time(1)}))
      << "the unhandled callback";
  ASSERT_TRUE(bench.fetcher.Finish("slow"));
  bench.Turn();
  const common::OffsetWitness second{Offset(1), LaneBench::Time(2)};
  EXPECT_EQ(bench.kafka.metadata.at(Partition(0)).last, second);

  // Another instance takes over at that offset and commits before it has read anything new.
  bench.source.Revoke();
  bench.AssignAndRestore({0});
  bench.Arrives(0, "third", 3);
  bench.Turn();
  ASSERT_TRUE(bench.fetcher.Finish("third"));
  bench.Turn();
  EXPECT_EQ(bench.kafka.metadata.at(Partition(0)).last,
            (common::OffsetWitness{Offset(2), LaneBench::Time(3)}));
}

TEST(Lane, PassesEarlierTransactionNumbersToCommitter) {
  LaneBench bench;
  bench.AssignAndRestore({0});
  EXPECT_THAT(bench.committer.seen, ::testing::SizeIs(1));
}

TEST(Lane, NeverCommitsOffsetPastCompletionOutsideBatch) {
  LaneSettings settings = LaneBench::Quick();
  settings.commit.batch.records = 2;
  LaneBench bench(settings);
  for (const char* process : {"p1", "p2", "p3"}) bench.Arrives(0, process);
  bench.AssignAndRestore({0});
  bench.committer.is_hanging = true;
  bench.fetcher.FinishAll();
  bench.Turn();
  ASSERT_THAT(bench.committer.submitted, SizeIs(1));
  EXPECT_THAT(bench.committer.submitted[0].offsets, ElementsAre(IsOffset(0, 2)));
  bench.committer.is_hanging = false;
  bench.Turn();
  EXPECT_EQ(bench.kafka.committed.at(Partition(0)), Offset(3));
  EXPECT_THAT(bench.Published(), ElementsAre("p1", "p2", "p3"));
}

TEST(Lane, WithholdsCommitWithoutFenceableMembership) {
  LaneBench bench;  // A2
  bench.Arrives(0, "p1");
  bench.AssignAndRestore({0});
  for (const auto& membership :
       {std::optional<GroupMembership>(), std::optional(GroupMembership{-1, "", "serialized"}),
        std::optional(GroupMembership{-1, "member", "serialized"}),
        std::optional(GroupMembership{7, "", "serialized"})}) {
    bench.source.membership = membership;
    bench.fetcher.FinishAll();
    bench.Turn();
    EXPECT_THAT(bench.committer.submitted, IsEmpty());
  }
  EXPECT_GE(bench.events.withheld, 1);
  bench.source.membership = GroupMembership{1, "member", "serialized"};
  bench.Turn(20);
  EXPECT_THAT(bench.Published(), ElementsAre("p1"));
}

TEST(Lane, CommitsOnlyOncePerInterval) {
  LaneSettings settings = LaneBench::Quick();
  settings.commit.interval = milliseconds(100);
  LaneBench bench(settings);
  bench.Arrives(0, "p1");
  bench.Arrives(0, "p2");
  bench.AssignAndRestore({0});
  bench.Arrives(0, "p3");
  bench.fetcher.Finish("p1");
  bench.Turn(4);
  EXPECT_THAT(bench.Published(), ElementsAre("p1")) << "nothing came before it";
  bench.fetcher.Finish("p2");
  bench.Turn(4);
  bench.fetcher.Finish("p3");
  EXPECT_THAT(bench.committer.submitted, SizeIs(1));
  bench.Turn(6);
  EXPECT_THAT(bench.committer.submitted, SizeIs(2));
  EXPECT_THAT(bench.Published(), ElementsAre("p1", "p2", "p3"));
}

TEST(Lane, BeginsNoTransactionWithoutWork) {
  LaneBench bench;
  bench.Arrives(0, "p1");
  bench.AssignAndRestore({0});
  bench.Turn(100);
  EXPECT_THAT(bench.committer.submitted, IsEmpty());
}

TEST(Lane, RejoinsWithoutResumingRunningPartitions) {
  LaneBench bench;
  bench.AssignAndRestore({0, 1});
  bench.source.Revoke();
  bench.source.Assign({1, 2});
  bench.Turn();
  bench.Arrives(1, "p1");
  bench.Arrives(2, "p2");
  bench.Turn();
  EXPECT_THAT(bench.fetcher.jobs, SizeIs(2));
  EXPECT_EQ(bench.source.needless_resumes, 0) << "librdkafka 2.0.2 rereads a partition on resume";
}

TEST(Lane, RetriesSeekWhenSourceIsNotReady) {
  LaneBench bench;
  bench.Arrives(0, "p1");
  bench.source.can_seek = false;
  bench.AssignAndRestore({0});
  EXPECT_THAT(bench.fetcher.jobs, IsEmpty());
  bench.source.can_seek = true;
  bench.Turn();
  EXPECT_THAT(bench.fetcher.jobs, SizeIs(1));
}

// The bench's clock shows hour 500,000, the records of minute 0 hour 480,000.
constexpr int kNowMinute = 20'000 * 60;

TEST(Lane, GivesNoMarkerTimestampTooFarAheadForBroker) {
  LaneBench bench;
  bench.Arrives(0, "future", kNowMinute + 2 * 60);
  bench.Arrives(0, "ordinary", kNowMinute - 1);
  bench.AssignAndRestore({0});
  bench.fetcher.FinishAll();
  bench.Turn();
  ASSERT_THAT(bench.kafka.seen, SizeIs(2));
  EXPECT_EQ(bench.kafka.seen[0].timestamp, LaneBench::Time(kNowMinute));
  EXPECT_EQ(common::LastHeader(bench.kafka.seen[0].headers, "record-time"),
            common::FormatRfc3339(LaneBench::Time(kNowMinute + 2 * 60)));
  EXPECT_EQ(bench.kafka.seen[1].timestamp, LaneBench::Time(kNowMinute - 1));
  EXPECT_EQ(common::LastHeader(bench.kafka.seen[1].headers, "record-time"), std::nullopt);
}

TEST(Lane, DropsRedeliveryOfRecordFromFutureBeforeAndAfterRestart) {
  LaneBench bench;
  bench.Arrives(0, "future", kNowMinute + 2 * 60);
  bench.AssignAndRestore({0});
  bench.fetcher.FinishAll();
  bench.Turn();
  const int within = kNowMinute + 2 * 60 + 11 * 60;  // within onfido's twelve hours
  bench.Arrives(0, "future", within);
  bench.Turn();
  EXPECT_THAT(bench.fetcher.jobs, IsEmpty());
  bench.source.Revoke();
  bench.AssignAndRestore({0});
  bench.Arrives(0, "future", within);
  bench.Arrives(0, "future", kNowMinute);
  bench.Turn();
  EXPECT_THAT(bench.fetcher.jobs, IsEmpty());
  EXPECT_THAT(bench.Published(), ElementsAre("future"));
  EXPECT_EQ(bench.kafka.committed.at(Partition(0)), Offset(4));
}

TEST(Lane, ReportsOvertakenCallbacksToFetcherAfterRestart) {
  LaneBench bench;
  const auto overtaken = [&] {
    std::vector<std::string> processes;
    for (const FetchJob& job : bench.fetcher.jobs) {
      if (job.is_overtaken) processes.push_back(job.process.str());
    }
    return processes;
  };
  bench.Arrives(0, "stuck", 0);
  bench.Arrives(0, "published", 1);
  bench.Arrives(0, "dead", 9);
  bench.Arrives(0, "late", 2);
  bench.Arrives(1, "other-partition", 0);
  bench.AssignAndRestore({0, 1});
  EXPECT_THAT(overtaken(), IsEmpty()) << "nothing is published yet";
  bench.fetcher.Finish("published");
  bench.fetcher.Fail("dead", common::DeadReason::kGone, 404);
  bench.Turn();
  bench.source.Revoke();
  bench.AssignAndRestore({0, 1});
  EXPECT_THAT(bench.fetcher.jobs, SizeIs(3));
  EXPECT_THAT(overtaken(), ElementsAre("stuck"));
}

}  // namespace
}  // namespace consumer
