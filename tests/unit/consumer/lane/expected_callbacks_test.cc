// The callback of an announced process comes while the API is asked, or while the result is made.
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
  bench.kafka.callbacks[Partition(1)].push_back(
      {Partition(1),
       Offset(0),
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
  EXPECT_EQ(bench.kafka.committed[Partition(0)], Offset(2));
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
  EXPECT_EQ(bench.kafka.committed[Partition(0)], Offset(0)) << "a crash now would lose both";
  bench.source.Revoke(/*is_lost=*/true);
  bench.kafka.refuses = nullptr;
  bench.source.Assign({0});
  bench.Turn();
  bench.fetcher.FinishAll();
  bench.Turn();
  EXPECT_THAT(bench.Published(), ElementsAre("p1"));
  EXPECT_EQ(bench.kafka.committed[Partition(0)], Offset(1));
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
  EXPECT_EQ(bench.kafka.committed[Partition(0)], Offset(1));
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

// Its partition of `processes` did not answer: other results wait until it is tried again.
TEST(ExpectedProcess, HoldsUpNoOtherResultIfItsOwnIsRefusedForGoodAtTheSecondTry) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Announce("p1");
  bench.Later(1h);
  bench.kafka.refuses = [](const OutgoingRecord& record) {
    const bool is_refused = record.topic == OutgoingTopic::kProcesses;
    return is_refused ? std::optional(RefusalReason::kUnavailable) : std::nullopt;
  };
  bench.fetcher.Finish("p1");
  bench.Turn();
  bench.Handle("p2");
  EXPECT_THAT(bench.Published(), IsEmpty());
  bench.kafka.refuses = [](const OutgoingRecord& record) {
    const bool is_refused = record.topic == OutgoingTopic::kProcesses && record.key == "p1";
    return is_refused ? std::optional(RefusalReason::kTooLarge) : std::nullopt;
  };
  for (int i = 0; i < 10; ++i) bench.Pass(1min);
  EXPECT_THAT(bench.events.refused, ElementsAre("p1 too_large"));
  EXPECT_THAT(bench.Published(), ElementsAre("p2"));
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

}  // namespace
}  // namespace consumer
