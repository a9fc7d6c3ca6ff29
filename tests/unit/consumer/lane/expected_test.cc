// Announced processes whose callback has not come.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/domain/reconciled.h"
#include "tests/unit/consumer/lane/lane_bench.h"

namespace consumer {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

LaneSettings Watching(ExpectedFlowSettings expected = {.expected = {.rate = 1'000}}) {
  LaneSettings settings = LaneBench::Quick();
  settings.expected = expected;
  return settings;
}

class ExpectedBench : public LaneBench {
 public:
  explicit ExpectedBench(LaneSettings settings = Watching(), common::ProviderTable rows = {})
      : LaneBench(std::move(settings), std::move(rows)) {
    does_wall_clock_run = true;
  }

  /// The lane reads it at once if it has the partition.
  void Announce(const std::string& process, std::optional<std::chrono::milliseconds> within = {},
                const std::string& provider = "onfido") {
    announcements.Announce(0, process, wall_now, within, provider);
    if (!announcements.followed.empty()) Turn(1);
  }
  /// Time passes for both clocks, and the ends of `callbacks` are looked up.
  void Later(std::chrono::milliseconds time, std::vector<Partition> partitions = {0}) {
    Pass(time);
    LookUpEnds(std::move(partitions));
  }
  void LookUpEnds(std::vector<Partition> partitions = {0}) {
    for (const Partition partition : partitions) {
      restorer.bounds.push_back({.partition = partition,
                                 .end = static_cast<Offset>(kafka.callbacks[partition].size()),
                                 .looked_up_at = now});
    }
    Turn();
  }
  [[nodiscard]] std::vector<std::string> Looks() const {
    std::vector<std::string> looks;
    for (const FetchJob& job : fetcher.jobs) {
      if (job.is_look) looks.push_back(job.process.str());
    }
    return looks;
  }
  /// Publishes the callback of a process in full.
  void Handle(const std::string& process, const std::string& status = "accepted") {
    ArrivesNow(process, status);
    Turn();
    fetcher.Finish(process, status);
    Turn();
  }
  void ArrivesNow(const std::string& process, const std::string& status = "accepted",
                  const std::string& provider = "onfido") {
    const std::string body =
        R"({"dossierId":"d","processId":")" + process + R"(","status":")" + status + "\"}";
    auto& log = kafka.callbacks[0];
    log.push_back(
        {0, static_cast<Offset>(log.size()), wall_now, process, body, {{"provider", provider}}});
  }
  void Restart() {
    source.Revoke();
    source.Assign({0});
    Turn();
  }
};

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
  EXPECT_EQ(result.partition, 0);
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
  EXPECT_EQ(batch.offsets[0].partition, 0);
  EXPECT_EQ(batch.offsets[0].offset, 1);
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

TEST(ExpectedProcess, TakesCallbackOfAnotherStatusForNewFact) {
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
  EXPECT_EQ(bench.kafka.committed[0], 2);
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
  bench.kafka.callbacks[0].push_back(bench.kafka.callbacks[0][0]);  // A redelivery.
  bench.kafka.callbacks[0].back().offset = 1;
  bench.kafka.callbacks[0].back().time = bench.wall_now - 20h;
  bench.source.paused.insert(0);  // We lag behind.
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

// ---- When to look

TEST(ExpectedProcess, IsLookedAtOnlyOnceCallbacksAreReadToALaterEnd) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Announce("p1");
  bench.Pass(1h);
  bench.Turn();
  EXPECT_THAT(bench.Looks(), IsEmpty()) << "no end was looked up since it is due";
  // An end with one record more than was read: the lost callback may be that one.
  bench.restorer.bounds.push_back({.partition = 0, .end = 1, .looked_up_at = bench.now});
  bench.Turn();
  EXPECT_THAT(bench.Looks(), IsEmpty());
  bench.ArrivesNow("other");
  bench.Turn();
  EXPECT_THAT(bench.Looks(), ElementsAre("p1"));
}

TEST(ExpectedProcess, IsNotLookedAtByAnEndFromBeforeItWasDue) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Announce("p1");
  bench.Pass(59min);
  bench.LookUpEnds();
  bench.Pass(1min);
  bench.Turn();
  EXPECT_THAT(bench.Looks(), IsEmpty());
}

TEST(ExpectedProcess, IsNotLookedAtWhileItsCallbackIsInHand) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Announce("p1");
  bench.Turn();
  bench.ArrivesNow("p1");
  bench.Later(2h);
  EXPECT_THAT(bench.Looks(), IsEmpty());
  bench.fetcher.Finish("p1");
  bench.Later(5min);
  EXPECT_THAT(bench.Published(), ElementsAre("p1"));
}

TEST(ExpectedProcess, IsNotLookedAtWhileBreakerIsOpenAndCallbacksAreInHand) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Announce("p1");
  bench.ArrivesNow("other");
  bench.Turn();
  bench.fetcher.is_breaker_open = true;
  bench.Later(1h);
  EXPECT_THAT(bench.Looks(), IsEmpty());
  bench.fetcher.is_breaker_open = false;
  bench.Turn();
  EXPECT_THAT(bench.Looks(), ElementsAre("p1"));
}

TEST(ExpectedProcess, ProbesOpenBreakerIfNothingElseCan) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Announce("p1");
  bench.Announce("p2");
  bench.Turn();
  bench.fetcher.is_breaker_open = true;
  bench.Later(1h);
  EXPECT_THAT(bench.Looks(), SizeIs(1)) << "without a job no probe would close it";
  bench.fetcher.is_breaker_open = false;
  bench.Turn();
  EXPECT_THAT(bench.Looks(), SizeIs(2));
}

TEST(ExpectedProcess, SurvivesAnOutageOfTheApi) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Announce("p1");
  bench.Later(1h);
  for (int i = 0; i < 30; ++i) {
    bench.fetcher.FinishNot("p1", Reaction::kRetry);
    bench.Later(1h);
  }
  EXPECT_THAT(bench.Looks(), ElementsAre("p1")) << "beyond max_wait";
  bench.fetcher.Finish("p1");
  bench.Turn();
  EXPECT_THAT(bench.Published(), ElementsAre("p1"));
}

TEST(ExpectedProcess, IsAskedForAfterMaxWaitIfNobodyCouldAskSooner) {
  ExpectedBench bench;
  bench.Announce("too_old");
  bench.wall_now += 10h;
  bench.Announce("p1");
  bench.wall_now += 39h;
  bench.AssignAndRestore({0});
  EXPECT_EQ(bench.events.expected, (std::map<ExpectedEnd, int>{{ExpectedEnd::kUnfinished, 1}}))
      << "never silently";
  bench.Later(11min);
  ASSERT_THAT(bench.Looks(), ElementsAre("p1"));
  bench.fetcher.Finish("p1");
  bench.Turn();
  EXPECT_THAT(bench.Published(), ElementsAre("p1"));
}

TEST(ExpectedProcess, IsAskedForAgainUntilMaxWait) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Announce("p1");
  int looks = 0;
  for (int minute = 0; minute < 26 * 60; ++minute) {
    bench.Later(1min);
    if (bench.fetcher.FinishNot("p1", Reaction::kAwait)) ++looks;
  }
  // After 1 h, 1:15, 1:45, 2:45, 4:45, 8:45, 16:45 and 24 h.
  EXPECT_EQ(looks, 8);
  EXPECT_EQ(bench.events.expected, (std::map<ExpectedEnd, int>{{ExpectedEnd::kUnfinished, 1}}));
  EXPECT_THAT(bench.Dead(), IsEmpty());
  EXPECT_THAT(bench.kafka.seen, IsEmpty());
}

TEST(ExpectedProcess, IsGoneOnceTheApiHasNotFoundItForLong) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Announce("p1");
  bench.Later(1h);
  bench.fetcher.FinishNot("p1", Reaction::kRetryMissing);
  bench.Turn();
  bench.Later(9min);
  EXPECT_THAT(bench.Looks(), IsEmpty());
  bench.Later(1min);
  bench.fetcher.FinishNot("p1", Reaction::kRetryMissing);
  bench.Later(24h);
  EXPECT_EQ(bench.events.expected, (std::map<ExpectedEnd, int>{{ExpectedEnd::kGone, 1}}));
  EXPECT_THAT(bench.Dead(), IsEmpty());
}

TEST(ExpectedProcess, IsNotCountedAsLostIfJustFinished) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Announce("p1");
  bench.Announce("p2");
  bench.Later(1h);
  bench.fetcher.Finish("p1", "accepted", bench.wall_now - 5min);
  bench.fetcher.Finish("p2", "accepted");
  bench.Turn();
  EXPECT_THAT(bench.Published(), SizeIs(2));
  EXPECT_EQ(bench.events.callbacks_lost, 0) << "late; or nobody knows since when";
}

TEST(ExpectedProcess, SpreadsOverdueOnesAfterRestartAndKeepsItsBudget) {
  ExpectedBench bench(Watching({.expected = {.rate = 5}}));
  for (int i = 0; i < 5'000; ++i) bench.Announce("p" + std::to_string(i));
  bench.wall_now += 3h;
  bench.AssignAndRestore({0});
  bench.Turn(20);
  bench.LookUpEnds();
  EXPECT_THAT(bench.Looks(), IsEmpty()) << "each waits for its part of ten minutes";
  std::size_t looks = 0;
  bench.Later(6min);
  for (int second = 0; second < 10; ++second) {
    for (int i = 0; i < 100; ++i) {
      bench.Pass(10ms);
      looks += bench.Looks().size();
      bench.fetcher.FinishAll();
    }
  }
  EXPECT_GE(looks, 45U);
  EXPECT_LE(looks, 51U) << "5 a second";
}

TEST(ExpectedProcess, KeepsFewLooksUnderWay) {
  ExpectedBench bench;
  for (int i = 0; i < 100; ++i) bench.Announce("p" + std::to_string(i));
  bench.AssignAndRestore({0});
  bench.Later(2h);
  bench.Later(2h);
  EXPECT_THAT(bench.Looks(), SizeIs(8));
}

TEST(ExpectedProcess, IsLookedAtWhileResultsOfAnotherPartitionWait) {
  ExpectedBench bench;
  bench.AssignAndRestore({0, 1});
  for (int i = 0; i < 100; ++i) bench.Announce("p" + std::to_string(i));
  bench.kafka.refuses = [](const OutgoingRecord& record) {
    return record.partition == 0 ? std::optional(RefusalReason::kUnavailable) : std::nullopt;
  };
  bench.Later(1h, {0, 1});
  for (int i = 0; i < 10; ++i) {
    bench.fetcher.FinishAll();
    bench.Turn();
  }
  EXPECT_THAT(bench.Looks(), IsEmpty()) << "results of partition 0 are bounded";
  bench.announcements.Announce(1, "q1", bench.wall_now, 1min);
  bench.Turn();
  bench.Later(10min, {0, 1});
  EXPECT_THAT(bench.Looks(), ElementsAre("q1"));
  bench.fetcher.Finish("q1");
  bench.Turn();
  EXPECT_THAT(bench.Published(), ElementsAre("q1"));
  bench.kafka.refuses = nullptr;
  for (int minute = 0; minute < 20; ++minute) {
    bench.Later(1min, {0, 1});
    bench.fetcher.FinishAll();
  }
  EXPECT_THAT(bench.Published(), SizeIs(101));
}

TEST(ExpectedProcess, ProbesOpenBreakerWhileResultsAndCallbacksWaitForKafka) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Announce("p1");
  bench.Announce("p2", 2h);
  bench.Later(1h);
  bench.kafka.refuses = [](const OutgoingRecord&) { return RefusalReason::kUnavailable; };
  bench.ArrivesNow("other");
  bench.Turn();
  bench.fetcher.FinishAll();
  bench.Turn();
  bench.fetcher.is_breaker_open = true;
  bench.Later(1h);
  EXPECT_THAT(bench.Looks(), ElementsAre("p2"));
}

TEST(ExpectedProcess, IsReadLaterIfTooManyAreOutstanding) {
  ExpectedBench bench(Watching({.expected = {.rate = 1'000}, .most = 20}));
  for (int i = 0; i < 50; ++i) bench.Announce("p" + std::to_string(i));
  bench.AssignAndRestore({0});
  EXPECT_THAT(bench.events.full, ElementsAre(20U)) << "said once";
  for (int hour = 0; hour < 40; ++hour) {
    bench.Later(30min);
    bench.fetcher.FinishAll();
    bench.Turn();
  }
  EXPECT_THAT(bench.Published(), SizeIs(50));
  EXPECT_EQ(bench.events.expected[ExpectedEnd::kReconciled], 50);
}

// ---- The callback comes meanwhile

TEST(ExpectedProcess, LetsTheCallbackWinDuringALook) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Announce("p1");
  bench.Later(1h);
  ASSERT_THAT(bench.Looks(), ElementsAre("p1"));
  bench.ArrivesNow("p1");
  bench.Turn();
  EXPECT_THAT(bench.Looks(), IsEmpty()) << "else the callback would wait for it";
  ASSERT_THAT(bench.fetcher.jobs, SizeIs(1));
  bench.fetcher.Finish("p1");
  bench.Later(24h);
  EXPECT_THAT(bench.Published(), ElementsAre("p1"));
  EXPECT_THAT(bench.Looks(), IsEmpty());
  EXPECT_EQ(bench.events.expected, (std::map<ExpectedEnd, int>{{ExpectedEnd::kCallback, 1}}));
}

TEST(ExpectedProcess, IsLookedAtLaterIfItsCallbackCameInAnotherPartition) {
  ExpectedBench bench;
  bench.AssignAndRestore({0, 1});
  bench.Announce("p1");
  bench.Later(1h);
  ASSERT_THAT(bench.Looks(), ElementsAre("p1"));
  bench.kafka.callbacks[1].push_back({1,
                                      0,
                                      bench.wall_now,
                                      "p1",
                                      R"({"dossierId":"d","processId":"p1","status":"rejected"})",
                                      {{"provider", "onfido"}}});
  bench.Turn();
  EXPECT_THAT(bench.Looks(), IsEmpty());
  bench.fetcher.FinishAll();
  bench.Later(2min);
  EXPECT_THAT(bench.Looks(), ElementsAre("p1"));
}

TEST(ExpectedProcess, HoldsTheCallbackBehindItsResult) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Announce("p1");
  bench.Later(1h);
  bench.committer.is_hanging = true;
  bench.fetcher.Finish("p1");
  bench.Turn();
  bench.ArrivesNow("p1");
  bench.ArrivesNow("p1");
  bench.Turn();
  EXPECT_THAT(bench.fetcher.jobs, IsEmpty());
  bench.committer.is_hanging = false;
  bench.Turn();
  EXPECT_THAT(bench.Published(), ElementsAre("p1"));
  EXPECT_EQ(bench.events.disposed[Disposal::kDuplicate], 2);
  EXPECT_EQ(bench.kafka.committed[0], 2);
}

TEST(ExpectedProcess, CommitsNoOffsetOfACallbackBeforeTheResultThatItRepeats) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Announce("p1");
  bench.Later(1h);
  // The topic refuses the result for now: it is set aside, and others are committed.
  bench.kafka.refuses = [](const OutgoingRecord& record) {
    const bool is_refused = record.topic == OutgoingTopic::kProcesses && record.key == "p1";
    return is_refused ? std::optional(RefusalReason::kUnavailable) : std::nullopt;
  };
  bench.fetcher.Finish("p1");
  bench.Turn();
  bench.ArrivesNow("p1");
  bench.Turn(20);
  EXPECT_EQ(bench.kafka.committed[0], 0) << "a crash now would lose both";
  bench.source.Revoke(/*is_lost=*/true);
  bench.kafka.refuses = nullptr;
  bench.source.Assign({0});
  bench.Turn();
  bench.fetcher.FinishAll();
  bench.Turn();
  EXPECT_THAT(bench.Published(), ElementsAre("p1"));
  EXPECT_EQ(bench.kafka.committed[0], 1);
}

TEST(ExpectedProcess, LetsTheCallbackGoIfItsResultIsRefusedForGood) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Announce("p1");
  bench.Later(1h);
  bench.committer.is_hanging = true;
  bench.kafka.refuses = [](const OutgoingRecord& record) {
    const bool is_refused = record.topic == OutgoingTopic::kProcesses;
    return is_refused ? std::optional(RefusalReason::kTooLarge) : std::nullopt;
  };
  bench.fetcher.Finish("p1");
  bench.Turn();
  bench.ArrivesNow("p1");
  bench.Turn();
  bench.committer.is_hanging = false;
  bench.Turn();
  ASSERT_THAT(bench.fetcher.jobs, SizeIs(1)) << "the callback is handled as if alone";
  bench.fetcher.FinishAll();
  bench.Turn();
  EXPECT_THAT(bench.Published(), IsEmpty());
  EXPECT_THAT(bench.Dead(), ElementsAre("p1"));
  EXPECT_EQ(bench.kafka.committed[0], 1);
}

TEST(ExpectedProcess, IsNotAskedForAgainIfItsResultIsRefusedForGood) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Announce("p1");
  bench.Later(1h);
  bench.kafka.refuses = [](const OutgoingRecord& record) {
    const bool is_refused = record.topic == OutgoingTopic::kProcesses;
    return is_refused ? std::optional(RefusalReason::kTooLarge) : std::nullopt;
  };
  bench.fetcher.Finish("p1");
  bench.Turn();
  EXPECT_THAT(bench.events.refused, ElementsAre("p1 too_large"));
  EXPECT_EQ(bench.events.expected, (std::map<ExpectedEnd, int>{{ExpectedEnd::kRefused, 1}}));
  bench.Later(24h);
  EXPECT_THAT(bench.Looks(), IsEmpty());
  bench.kafka.refuses = nullptr;
  bench.Handle("p1");
  EXPECT_THAT(bench.Published(), ElementsAre("p1")) << "the callback can still come";
}

TEST(ExpectedProcess, IsAskedForAgainIfItsStatusIsNotKnownToBeFinal) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Announce("p1");
  bench.Later(1h);
  bench.fetcher.Finish("p1", "in_review");
  bench.Turn();
  EXPECT_THAT(bench.Published(), IsEmpty());
  EXPECT_THAT(bench.events.unclear, ElementsAre("p1 is in_review"));
  bench.Later(15min);
  bench.fetcher.Finish("p1", "accepted");
  bench.Turn();
  EXPECT_THAT(bench.Published(), ElementsAre("p1"));
}

TEST(ExpectedProcess, IsAskedForAgainIfItsMarkersAreRefused) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Announce("p1");
  bench.Later(1h);
  bench.kafka.refuses = [](const OutgoingRecord& record) {
    const bool is_refused = record.topic == OutgoingTopic::kSeen;
    return is_refused ? std::optional(RefusalReason::kInvalid) : std::nullopt;
  };
  bench.fetcher.Finish("p1");
  bench.Turn();
  bench.kafka.refuses = nullptr;
  EXPECT_THAT(bench.Dead(), IsEmpty()) << "there is no callback to keep";
  bench.Later(2min);
  bench.fetcher.Finish("p1");
  bench.Turn();
  EXPECT_THAT(bench.Published(), ElementsAre("p1"));
}

// ---- Providers

TEST(ExpectedProcess, FindsCallbackOfAnotherRoute) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.ArrivesNow("p1", "accepted", "readid");
  bench.Turn();
  bench.fetcher.FinishAll();
  bench.Turn();
  bench.Announce("p1");  // onfido
  bench.Later(1h);
  bench.fetcher.Finish("p1");
  bench.Turn();
  EXPECT_THAT(bench.Published(), ElementsAre("p1"));
  EXPECT_THAT(bench.events.elsewhere, ElementsAre("onfido by readid"));
}

TEST(ExpectedProcess, FindsCallbackWhoseRouteIsNoRow) {
  for (const bool is_restarted : {false, true}) {
    for (const std::string status : {"accepted", ""}) {
      SCOPED_TRACE(status + (is_restarted ? ", after a restart" : ""));
      ExpectedBench bench;
      bench.AssignAndRestore({0});
      bench.ArrivesNow("p1", status, "onfdo");
      bench.Turn();
      bench.fetcher.FinishAll();
      bench.Turn();
      ASSERT_THAT(bench.Published(), ElementsAre("p1"));
      bench.Later(5h);
      bench.Announce("p1");
      if (is_restarted) bench.Restart();
      bench.Later(2h);
      ASSERT_THAT(bench.Looks(), ElementsAre("p1"));
      bench.fetcher.Finish("p1");
      bench.Turn();
      EXPECT_THAT(bench.Published(), SizeIs(1));
      EXPECT_THAT(bench.events.elsewhere, ElementsAre("onfido by unknown"));
    }
  }
}

TEST(ExpectedProcess, WaitsForCallbackInHandWhoseRouteIsNoRow) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.ArrivesNow("p1", "accepted", "onfdo");
  bench.Turn();
  const FetchJob fetch = bench.fetcher.jobs.at(0);
  bench.fetcher.jobs.clear();  // The API does not answer it.
  bench.Announce("p1");
  bench.Later(1h);
  ASSERT_THAT(bench.Looks(), ElementsAre("p1"));
  bench.fetcher.Finish("p1");
  bench.Turn();
  EXPECT_THAT(bench.Published(), IsEmpty());
  bench.fetcher.jobs.push_back(fetch);
  bench.fetcher.Finish("p1");
  bench.Later(1h);
  EXPECT_THAT(bench.Published(), ElementsAre("p1"));
}

TEST(ExpectedProcess, ComparesRedrivenLetterThatWasMalformed) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Announce("p1");  // onfido
  bench.Later(1h);
  bench.fetcher.Finish("p1");
  bench.Turn();
  ASSERT_THAT(bench.Published(), ElementsAre("p1"));
  for (const std::string reason : {"malformed", "rejected"}) {
    auto& log = bench.kafka.callbacks[0];
    log.push_back({0,
                   static_cast<Offset>(log.size()),
                   bench.wall_now,
                   "p1",
                   R"({"dossierId":"d","processId":"p1","status":"accepted"})",
                   {{"provider", "readid"},
                    {std::string(common::header::kRedrive), reason},
                    {std::string(common::header::kRedriveReason), reason}}});
    bench.Turn();
    bench.fetcher.FinishAll();
    bench.Turn();
    EXPECT_THAT(bench.Published(), SizeIs(reason == "malformed" ? 1 : 2)) << reason;
  }
}

TEST(ExpectedProcess, TellsRoutesApartThatAreNoRow) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  for (const std::string route : {"onfdo", "onfido"}) {
    bench.ArrivesNow("p1", "accepted", route);
    bench.Turn();
    bench.fetcher.FinishAll();
    bench.Turn();
  }
  EXPECT_THAT(bench.Published(), SizeIs(2))
      << "who knows no secret of a provider suppresses nothing";
}

TEST(ExpectedProcess, MakesLaterCallbackOfAnotherRouteDuplicate) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Announce("p1");  // onfido
  bench.Later(1h);
  bench.fetcher.Finish("p1");
  bench.Turn();
  bench.ArrivesNow("p1", "accepted", "readid");
  bench.Turn();
  EXPECT_THAT(bench.fetcher.jobs, IsEmpty());
  bench.Restart();
  bench.ArrivesNow("p1", "accepted", "readid");
  bench.Turn();
  EXPECT_THAT(bench.fetcher.jobs, IsEmpty());
  EXPECT_THAT(bench.Published(), ElementsAre("p1"));
}

TEST(ExpectedProcess, KeepsUnknownProviderName) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Announce("p1", {}, "newcomer");
  bench.Later(1h);
  bench.fetcher.Finish("p1");
  bench.Turn();
  ASSERT_THAT(bench.Published(), SizeIs(1));
  EXPECT_EQ(common::LastHeader(bench.kafka.processes[0].headers, "provider"), "newcomer");
  bench.ArrivesNow("p1", "accepted", "newcomer");
  bench.Turn();
  EXPECT_THAT(bench.fetcher.jobs, IsEmpty());
}

// ---- Partitions that come and go

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
  bench.announcements.unreadable = {1};
  EXPECT_EQ(shown(), "unknown") << "not in the group";
  bench.AssignAndRestore({0, 1});
  bench.Announce("p1");
  EXPECT_EQ(shown(), "unknown");
  bench.announcements.unreadable = {};
  EXPECT_EQ(shown(), "1 waiting, 0 due");
  bench.announcements.unreadable = {0};
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
  bench.announcements.unreadable = {1};
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
