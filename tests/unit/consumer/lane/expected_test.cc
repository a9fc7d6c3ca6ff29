// Announced processes whose callback has not come.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/domain/reconciled.h"
#include "tests/unit/consumer/lane/expected_bench.h"

namespace consumer {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(ExpectedProcess, IsReconciledOnceItsCallbackIsOverdue) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Announce("p1");
  bench.Later(59min);
  EXPECT_THAT(bench.Looks(), IsEmpty());
  bench.Later(1min);
  ASSERT_THAT(bench.Looks(), ElementsAre("p1"));
  bench.fetcher.Finish("p1", "rejected", bench.wall_now - 2h);
  bench.Turn();
  ASSERT_THAT(bench.Published(), ElementsAre("p1"));
  const OutgoingRecord& result = bench.kafka.processes[0];
  EXPECT_EQ(result.value,
            R"({"provider":"onfido","dossierId":"d","processId":"p1","status":"rejected",)"
            R"("callback":null,"process":{"status":"rejected"},"dossier":{},)"
            R"("fetchedAt":"1970-01-01T00:00:00.000Z"})");
  EXPECT_EQ(result.partition, Partition(0));
  EXPECT_EQ(common::LastHeader(result.headers, "reconciled"), "1");
  EXPECT_EQ(common::LastHeader(result.headers, "schema"), "1");
  EXPECT_EQ(common::LastHeader(result.headers, "provider"), "onfido");
  EXPECT_EQ(bench.events.expected, (std::map<ExpectedEnd, int>{{ExpectedEnd::kReconciled, 1}}));
  EXPECT_EQ(bench.events.callbacks_lost, 1);
  bench.Later(48h);
  EXPECT_THAT(bench.Looks(), IsEmpty());
}

TEST(ExpectedProcess, IsPublishedWithMarkersAndUnmovedOffset) {
  ExpectedBench bench;
  bench.Handle("other");
  bench.AssignAndRestore({0});
  bench.fetcher.FinishAll();
  bench.Turn();
  bench.kafka.seen.clear();
  bench.Announce("p1");
  bench.Later(1h);
  bench.fetcher.Finish("p1");
  bench.Turn();
  const Batch& batch = bench.committer.submitted.back();
  ASSERT_THAT(batch.offsets, SizeIs(1)) << "A1: the broker checks the generation by it";
  EXPECT_EQ(batch.offsets[0].partition, Partition(0));
  EXPECT_EQ(batch.offsets[0].offset, Offset(1));
  ASSERT_THAT(bench.kafka.seen, SizeIs(4));
  const common::DossierId dossier("d");
  const common::ProcessId process("p1");
  const std::vector<common::Identity> expected = {
      common::IdentityOf("onfido", dossier, process, "accepted"),
      common::IdentityOf("onfido", dossier, process, ""),
      common::IdentityOfReconciled(dossier, process, "accepted"),
      common::IdentityOfReconciled(dossier, process, "")};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(bench.kafka.seen[i].key, expected[i].view());
    EXPECT_EQ(common::LastHeader(bench.kafka.seen[i].headers, "outcome"), "published");
    EXPECT_EQ(common::LastHeader(bench.kafka.seen[i].headers, "reconciled"), "1");
  }
}

TEST(ExpectedProcess, NeedsNoLookIfItsCallbackComes) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Announce("p1");
  bench.Turn();
  EXPECT_EQ(bench.events.expected, (std::map<ExpectedEnd, int>{}));
  bench.Handle("p1");
  EXPECT_EQ(bench.events.expected, (std::map<ExpectedEnd, int>{{ExpectedEnd::kCallback, 1}}));
  bench.Later(24h);
  EXPECT_THAT(bench.Looks(), IsEmpty());
  EXPECT_THAT(bench.Published(), ElementsAre("p1"));
}

TEST(ExpectedProcess, NeedsNoLookIfAnnouncedAfterItsCallback) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Handle("p1");
  bench.Announce("p1");
  bench.Later(2h);
  EXPECT_THAT(bench.Looks(), IsEmpty());
  EXPECT_EQ(bench.events.expected, (std::map<ExpectedEnd, int>{{ExpectedEnd::kCallback, 1}}));
}

TEST(ExpectedProcess, IsNotPublishedAgainIfAnnouncedLongAfterItsCallback) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Handle("p1");
  bench.Later(5h);
  bench.Announce("p1");
  bench.Later(1h);
  ASSERT_THAT(bench.Looks(), ElementsAre("p1")) << "it may have been opened again since";
  bench.fetcher.Finish("p1");
  bench.Turn();
  EXPECT_THAT(bench.Published(), SizeIs(1));
  EXPECT_EQ(bench.events.expected, (std::map<ExpectedEnd, int>{{ExpectedEnd::kCallback, 1}}));
}

TEST(ExpectedProcess, IsReconciledIfOpenedAgainAfterItsCallback) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Handle("p1", "rejected");
  bench.Later(5h);
  bench.Announce("p1");
  bench.Later(1h);
  bench.fetcher.Finish("p1", "accepted");
  bench.Turn();
  EXPECT_THAT(bench.Published(), SizeIs(2));
}

TEST(ExpectedProcess, IsReconciledAgainIfOpenedAgainAfterReconciliation) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Announce("p1");
  bench.Later(1h);
  bench.fetcher.Finish("p1", "rejected");
  bench.Turn();
  bench.Later(5h);
  bench.Announce("p1");
  bench.Later(1h);
  bench.fetcher.Finish("p1", "accepted");
  bench.Turn();
  EXPECT_THAT(bench.Published(), SizeIs(2));
  bench.Later(5h);
  bench.Announce("p1");
  bench.Later(1h);
  bench.fetcher.Finish("p1", "accepted");
  bench.Turn();
  EXPECT_THAT(bench.Published(), SizeIs(2)) << "known by now";
}

TEST(ExpectedProcess, IsCountedOnceIfAnnouncedAgainAfterReconciliation) {
  for (const auto pause : {0min, 10min, 300min}) {
    SCOPED_TRACE(pause.count());
    ExpectedBench bench;
    bench.AssignAndRestore({0});
    bench.Announce("p1");
    bench.Later(1h);
    bench.fetcher.Finish("p1");
    bench.Turn();
    bench.Later(pause);
    bench.Announce("p1");
    bench.Later(1h);
    EXPECT_EQ(bench.fetcher.Finish("p1"), pause == 300min) << "asked for only if it is long ago";
    bench.Later(5h);
    EXPECT_THAT(bench.Published(), SizeIs(1));
    EXPECT_EQ(bench.events.gauges.expected_waiting, 0U);
    EXPECT_EQ(bench.events.expected, (std::map<ExpectedEnd, int>{{ExpectedEnd::kReconciled, 1}}));
  }
}

TEST(ExpectedProcess, TreatsCallbackOfAnotherStatusAsNewFact) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Announce("p1");
  bench.Later(1h);
  bench.fetcher.Finish("p1", "rejected");
  bench.Turn();
  bench.Handle("p1", "accepted");
  EXPECT_THAT(bench.Published(), SizeIs(2));
  bench.Handle("p1", "accepted");
  bench.Handle("p1", "rejected");
  EXPECT_THAT(bench.Published(), SizeIs(2));
}

TEST(ExpectedProcess, MakesLateCallbackDuplicateAlsoAfterRestart) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Announce("p1");
  bench.Later(1h);
  bench.fetcher.Finish("p1");
  bench.Turn();
  bench.Restart();
  bench.ArrivesNow("p1");
  bench.ArrivesRaw(0, "p1", R"({"dossierId":"d","processId":"p1"})");
  bench.Turn();
  EXPECT_THAT(bench.fetcher.jobs, IsEmpty());
  EXPECT_EQ(bench.events.disposed[Disposal::kDuplicate], 2);
  EXPECT_THAT(bench.Published(), SizeIs(1));
  EXPECT_EQ(bench.kafka.committed[Partition(0)], Offset(2));
  bench.Later(25h);
  EXPECT_THAT(bench.Looks(), IsEmpty()) << "its announcement was read again";
  EXPECT_EQ(bench.events.expected, (std::map<ExpectedEnd, int>{{ExpectedEnd::kReconciled, 1}}));
}

TEST(ExpectedProcess, LeavesNoMarkerForEverWhereNoCallbackComes) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  for (const char* process : {"p1", "p2"}) {
    bench.Announce(process);
    bench.Later(1h);
    bench.fetcher.Finish(process);
    bench.Turn();
    bench.Later(60h);
  }
  EXPECT_EQ(bench.events.gauges.dedup_keys, 4U) << "those of p1 have expired";
}

TEST(ExpectedProcess, KeepsMarkersOfCallbacksThatAreStillToBeRead) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Handle("p1");
  bench.Later(30h);
  bench.kafka.callbacks[Partition(0)].push_back(
      bench.kafka.callbacks[Partition(0)][0]);  // A redelivery.
  bench.kafka.callbacks[Partition(0)].back().offset = Offset(1);
  bench.kafka.callbacks[Partition(0)].back().time = bench.wall_now - 20h;
  bench.source.paused.insert(Partition(0));  // We lag behind.
  bench.wall_now += 30h;
  bench.announcements.Announce(0, "p2", bench.wall_now);
  bench.Turn();
  bench.LookUpEnds();
  bench.source.paused.clear();
  bench.Turn();
  EXPECT_THAT(bench.fetcher.jobs, IsEmpty());
  EXPECT_EQ(bench.events.disposed[Disposal::kDuplicate], 1);
}

TEST(ExpectedProcess, IsForgottenOnRequest) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Announce("p1");
  bench.Announce("p2");
  bench.Turn();
  bench.announcements.Forget(0, "p1");
  bench.Later(1h);
  EXPECT_THAT(bench.Looks(), ElementsAre("p2"));
  bench.announcements.Forget(0, "p2");
  bench.Turn();
  EXPECT_THAT(bench.fetcher.jobs, IsEmpty());
  EXPECT_EQ(bench.events.expected, (std::map<ExpectedEnd, int>{{ExpectedEnd::kForgotten, 2}}));
}

TEST(ExpectedProcess, WaitsFromItsLastAnnouncement) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Announce("p1");
  bench.Later(30min);
  bench.Announce("p1");
  bench.Later(30min);
  EXPECT_THAT(bench.Looks(), IsEmpty());
  bench.Later(30min);
  EXPECT_THAT(bench.Looks(), ElementsAre("p1"));
}

TEST(ExpectedProcess, IsPublishedOnceIfAnnouncedAgainBeforeItsCommit) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Announce("p1");
  bench.Later(1h);
  bench.committer.is_hanging = true;
  bench.fetcher.Finish("p1");
  bench.Turn();
  bench.Announce("p1", 1min);
  bench.Later(2min);
  EXPECT_THAT(bench.Looks(), IsEmpty());
  bench.committer.is_hanging = false;
  bench.Later(2h);
  EXPECT_THAT(bench.Published(), ElementsAre("p1"));
  EXPECT_EQ(bench.events.expected, (std::map<ExpectedEnd, int>{{ExpectedEnd::kReconciled, 1}}));
}

TEST(ExpectedProcess, WaitsForItsOwnTime) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Announce("p1", 5min);
  bench.Later(5min);
  EXPECT_THAT(bench.Looks(), ElementsAre("p1"));
}

}  // namespace
}  // namespace consumer
