// When the API is asked for announced processes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/consumer/lane/expected_bench.h"

namespace consumer {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(ExpectedProcess, IsLookedAtOnlyOnceCallbacksAreReadToALaterEnd) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Announce("p1");
  bench.Pass(1h);
  bench.Turn();
  EXPECT_THAT(bench.Looks(), IsEmpty()) << "no end was looked up since it is due";
  // An end with one record more than was read: the lost callback may be that one.
  bench.restorer.bounds.push_back(
      {.partition = Partition(0), .end = Offset(1), .looked_up_at = bench.now});
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
    return record.partition == Partition(0) ? std::optional(RefusalReason::kUnavailable)
                                            : std::nullopt;
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

/// Two accounts: readid's callbacks are account 1's.
LaneSettings OfTwoAccounts(ExpectedFlowSettings expected) {
  LaneSettings settings = Watching(std::move(expected));
  const common::ProviderTable rows;
  std::vector<AccountIndex> by_row(rows.rows().size(), 0);
  by_row[rows.Resolve("readid")] = 1;
  settings.accounts = AccountsOfRows(by_row, 2);
  return settings;
}

TEST(ExpectedProcess, IsLookedAtWhileAnotherAccountIsAway) {
  ExpectedBench bench(OfTwoAccounts({.expected = {.rate = 1'000}}));
  bench.AssignAndRestore({0});
  // The older ones, and more than may be under way.
  for (int i = 0; i < 500; ++i) bench.Announce("away" + std::to_string(i), {}, "readid");
  bench.Pass(1min);
  for (int i = 0; i < 3; ++i) bench.Announce("works" + std::to_string(i), {}, "onfido");
  bench.fetcher.Submit({.id = 1'000'000, .dossier = {}, .process = {}, .account = 1}, bench.now);
  bench.fetcher.away = {1};
  bench.Later(2h);
  EXPECT_THAT(bench.Looks(), ElementsAre("works0", "works1", "works2"));
  EXPECT_EQ(bench.fetcher.jobs.back().account, 0U);

  bench.fetcher.away.clear();
  bench.Later(1s);
  EXPECT_THAT(bench.Looks(), SizeIs(3 + 8)) << "eight of an account at once";
  EXPECT_EQ(bench.fetcher.jobs.back().account, 1U);
}

TEST(ExpectedProcess, IsLookedAtAtTheRateOfItsAccount) {
  ExpectedBench bench(OfTwoAccounts({.expected = {.rate = 1}, .most_looks = 1'000}));
  bench.AssignAndRestore({0});
  for (int i = 0; i < 20; ++i) bench.Announce("a" + std::to_string(i), {}, "readid");
  for (int i = 0; i < 20; ++i) bench.Announce("b" + std::to_string(i), {}, "onfido");
  bench.Later(2h);
  for (int i = 0; i < 50; ++i) bench.Later(100ms);
  const auto of_account = [&](AccountIndex account) {
    return std::ranges::count(bench.fetcher.jobs, account, &FetchJob::account);
  };
  EXPECT_THAT(of_account(0), testing::AllOf(testing::Ge(7), testing::Le(9)));
  EXPECT_THAT(of_account(1), testing::AllOf(testing::Ge(7), testing::Le(9)));
}

}  // namespace
}  // namespace consumer
