// One record that its topic refuses, or one partition that refuses all, never stops the others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <set>
#include <string>

#include "tests/support/seed.h"
#include "tests/unit/consumer/lane/lane_bench.h"

namespace consumer {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

bool IsOneOf(const std::set<std::string>& keys, const OutgoingRecord& record) {
  return keys.contains(record.key);
}

class RefusedRecord : public ::testing::Test {
 protected:
  void Arrive(const std::vector<std::string>& processes, std::int32_t partition = 0) {
    for (const std::string& process : processes) bench.Arrives(partition, process);
  }
  /// Refuses the results of these processes as too large.
  void RefuseResultsOf(std::set<std::string> processes) {
    bench.kafka.refuses = [processes = std::move(processes)](
                              const OutgoingRecord& record) -> std::optional<RefusalReason> {
      if (record.topic == OutgoingTopic::kProcesses && IsOneOf(processes, record)) {
        return RefusalReason::kTooLarge;
      }
      return std::nullopt;
    };
  }
  void Refuse(OutgoingTopic topic, std::optional<std::int32_t> number, RefusalReason reason) {
    const auto partition = number ? std::optional(Partition(*number)) : std::nullopt;
    bench.kafka.refuses = [=](const OutgoingRecord& record) -> std::optional<RefusalReason> {
      const bool is_there = record.topic == topic && (!partition || record.partition == partition);
      return is_there ? std::optional(reason) : std::nullopt;
    };
  }
  void Accept() { bench.kafka.refuses = nullptr; }
  void Pass(seconds time) {
    for (milliseconds passed{0}; passed < time; passed += milliseconds(250)) {
      bench.Pass(milliseconds(250));
    }
  }

  LaneBench bench;
};

struct Size {
  int callbacks;
  int refused;
};
void PrintTo(const Size& size, std::ostream* out) {
  *out << size.refused << "_of_" << size.callbacks;
}

class RefusedResults : public ::testing::TestWithParam<Size> {};

TEST_P(RefusedResults, AreFoundInLogarithmicNumberOfTransactions) {
  const auto [callbacks, refused] = GetParam();
  const unsigned seed = tests::Seed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  LaneBench bench;
  std::vector<std::string> processes;
  for (int i = 0; i < callbacks; ++i) {
    processes.push_back("p" + std::to_string(i));
    bench.Arrives(i % 3, processes.back());
  }
  std::shuffle(processes.begin(), processes.end(), random);
  const std::set<std::string> too_large(processes.begin(), processes.begin() + refused);
  bench.kafka.refuses = [&](const OutgoingRecord& record) -> std::optional<RefusalReason> {
    const bool is_refused = record.topic == OutgoingTopic::kProcesses && IsOneOf(too_large, record);
    return is_refused ? std::optional(RefusalReason::kTooLarge) : std::nullopt;
  };
  bench.AssignAndRestore({0, 1, 2});
  bench.Turn(5);
  bench.fetcher.FinishAll();
  const double halvings = std::ceil(std::log2(callbacks + 1));
  const auto most = static_cast<std::size_t>(2 + refused * 2 * (halvings + 1));
  bench.Turn(static_cast<int>(most) + 5);
  EXPECT_THAT(bench.Published(), SizeIs(callbacks - refused));
  EXPECT_THAT(bench.Dead(), ::testing::UnorderedElementsAreArray(too_large));
  EXPECT_LE(bench.committer.submitted.size(), most);
  EXPECT_THAT(bench.kafka.seen, SizeIs(callbacks));
  for (const auto& [partition, log] : bench.kafka.callbacks) {
    EXPECT_EQ(bench.kafka.committed[partition], Offset(std::ssize(log)));
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, RefusedResults,
                         ::testing::Values(Size{1, 1}, Size{2, 1}, Size{40, 1}, Size{40, 40},
                                           Size{2'000, 1}, Size{2'000, 7}),
                         ::testing::PrintToStringParamName());

TEST_F(RefusedRecord, CommitsNoOffsetOfOtherPart) {
  Arrive({"a", "b", "c", "d"});
  RefuseResultsOf({"d"});
  bench.AssignAndRestore({0});
  bench.fetcher.FinishAll();
  std::vector<Offset> committed;
  for (int i = 0; i < 30; ++i) {
    bench.Turn(1);
    // Invariant: every callback below the committed offset has its marker.
    const auto offset = IndexOf(bench.kafka.committed[Partition(0)]);
    ASSERT_GE(bench.kafka.seen.size(), offset);
    committed.push_back(bench.kafka.committed[Partition(0)]);
  }
  EXPECT_TRUE(std::find(committed.begin(), committed.end(), Offset(2)) != committed.end())
      << "the first half alone";
  EXPECT_EQ(committed.back(), Offset(4));
}

TEST_F(RefusedRecord, BlamesNoRecordThatIsTooLargeOnlyTogether) {
  Arrive({"a", "b", "c", "d", "e"});
  bench.AssignAndRestore({0});
  bench.fetcher.FinishAll();
  // A broker measures the request, not the record.
  const std::vector<Refusal> all{{0, RefusalReason::kTooLarge},
                                 {2, RefusalReason::kTooLarge},
                                 {4, RefusalReason::kTooLarge},
                                 {6, RefusalReason::kTooLarge},
                                 {8, RefusalReason::kTooLarge}};
  bench.committer.script = {{CommitOutcome::kAborted, false, all}};
  bench.Turn(10);
  EXPECT_THAT(bench.Published(), ElementsAre("a", "b", "c", "d", "e"));
  EXPECT_THAT(bench.Dead(), IsEmpty());
}

TEST_F(RefusedRecord, SetsRefusedDeadLetterAside) {
  Arrive({"bad", "good"});
  bench.ArrivesRaw(0, "other", "not json");
  bench.kafka.refuses = [](const OutgoingRecord& record) -> std::optional<RefusalReason> {
    const bool is_bad = record.topic == OutgoingTopic::kDead && record.key == "bad";
    return is_bad ? std::optional(RefusalReason::kInvalid) : std::nullopt;
  };
  bench.AssignAndRestore({0});
  bench.fetcher.Fail("bad", common::DeadReason::kRejected, 400);
  bench.fetcher.Finish("good");
  bench.Turn(20);
  EXPECT_THAT(bench.Published(), ElementsAre("good"));
  EXPECT_THAT(bench.Dead(), ElementsAre("other"));
  EXPECT_EQ(bench.kafka.committed.at(Partition(0)), Offset(0)) << "not handled yet";
  ASSERT_THAT(bench.events.set_aside, SizeIs(1));
  EXPECT_EQ(bench.events.set_aside[0].offset, Offset(0));
  EXPECT_EQ(bench.events.set_aside[0].reason, RefusalReason::kInvalid);
  Pass(seconds(1));
  EXPECT_EQ(bench.events.gauges.set_aside, 1U);

  const std::size_t before = bench.committer.submitted.size();
  Pass(seconds(600));
  EXPECT_LE(bench.committer.submitted.size(), before + 20) << "retried at most once a minute";
  EXPECT_GE(bench.events.still_set_aside.size(), 10U);
  Accept();
  Pass(seconds(61));
  EXPECT_THAT(bench.Dead(), ElementsAre("other", "bad"));
  EXPECT_EQ(bench.kafka.committed.at(Partition(0)), Offset(3));
  EXPECT_EQ(bench.events.gauges.set_aside, 0U);
  EXPECT_EQ(bench.events.disposed.at(Disposal::kDead), 2);
}

TEST_F(RefusedRecord, CausesNoBusyWaitingBetweenCommits) {
  LaneSettings settings = LaneBench::Quick();
  settings.commit.interval = milliseconds(500);
  LaneBench paced(settings);
  paced.Arrives(0, "bad");
  paced.kafka.refuses = [](const OutgoingRecord& record) -> std::optional<RefusalReason> {
    return record.key == "bad" ? std::optional(RefusalReason::kInvalid) : std::nullopt;
  };
  paced.AssignAndRestore({0});
  paced.fetcher.next_due = seconds(1);
  paced.fetcher.Fail("bad", common::DeadReason::kRejected, 400);
  for (int i = 0; i < 3'000; ++i) {
    if (i % 7 == 0) paced.Arrives(0, "good" + std::to_string(i));
    paced.fetcher.FinishAll();
    paced.Pass(milliseconds(10));
    int turns = 0;
    while (paced.lane.NextDue(paced.now) <= paced.now && turns < 5) {
      paced.Pass(milliseconds(0));
      ++turns;
    }
    ASSERT_LT(turns, 5) << "after " << i * 10 << " ms";
  }
  EXPECT_THAT(paced.events.set_aside, SizeIs(1));
}

TEST_F(RefusedRecord, OmitsBodyOfTooLargeDeadLetter) {
  bench.ArrivesRaw(0, "large", std::string(1'000, 'x'));
  bench.ArrivesRaw(0, "small", "y");
  bench.kafka.refuses = [](const OutgoingRecord& record) -> std::optional<RefusalReason> {
    const bool is_large = record.topic == OutgoingTopic::kDead && record.value.size() > 100;
    return is_large ? std::optional(RefusalReason::kTooLarge) : std::nullopt;
  };
  bench.AssignAndRestore({0});
  bench.Turn(20);
  EXPECT_THAT(bench.Dead(), UnorderedElementsAre("large", "small"));
  const auto large =
      std::find_if(bench.kafka.dead.begin(), bench.kafka.dead.end(),
                   [](const OutgoingRecord& record) { return record.key == "large"; });
  EXPECT_EQ(large->value, "");
  EXPECT_EQ(common::LastHeader(large->headers, "dead.body"), "omitted");
  EXPECT_EQ(common::LastHeader(large->headers, "dead.body-bytes"), "1000");
  EXPECT_EQ(common::LastHeader(large->headers, "dead.body-sha256")->size(), 64U);
  EXPECT_EQ(bench.kafka.committed.at(Partition(0)), Offset(2));
  EXPECT_THAT(bench.events.set_aside, IsEmpty());
}

TEST_F(RefusedRecord, ReadsSetAsideCallbacksAgainAfterRestart) {
  Arrive({"bad", "good"});
  Refuse(OutgoingTopic::kDead, std::nullopt, RefusalReason::kInvalid);
  bench.AssignAndRestore({0});
  bench.fetcher.Fail("bad", common::DeadReason::kRejected, 400);
  bench.fetcher.Finish("good");
  bench.Turn(20);
  bench.source.Revoke();
  bench.Turn();
  Accept();
  bench.AssignAndRestore({0});
  bench.fetcher.FinishAll();
  bench.Turn(20);
  EXPECT_THAT(bench.Published(), ElementsAre("good", "bad"));
  EXPECT_EQ(bench.kafka.committed.at(Partition(0)), Offset(2));
}

TEST_F(RefusedRecord, CommitsOtherPartitionsWhileOneRefusesAll) {
  Arrive({"a1", "a2", "a3"}, 0);
  Arrive({"b1", "b2", "b3"}, 1);
  Refuse(OutgoingTopic::kProcesses, 1, RefusalReason::kUnavailable);
  bench.AssignAndRestore({0, 1});
  bench.fetcher.FinishAll();
  bench.Turn(20);
  EXPECT_THAT(bench.Published(), ElementsAre("a1", "a2", "a3"));
  EXPECT_EQ(bench.kafka.committed.at(Partition(0)), Offset(3));
  EXPECT_EQ(bench.kafka.committed[Partition(1)], Offset(0));
  EXPECT_THAT(bench.events.set_aside, SizeIs(3));

  Arrive({"a4"}, 0);
  Arrive({"b4"}, 1);
  bench.Turn();
  bench.fetcher.FinishAll();
  const std::size_t before = bench.committer.submitted.size();
  bench.Turn(20);
  EXPECT_THAT(bench.Published(), ElementsAre("a1", "a2", "a3", "a4"));
  EXPECT_EQ(bench.committer.submitted.size(), before + 1) << "a known refusal is not tried again";

  Accept();
  Pass(seconds(61));
  EXPECT_THAT(bench.Published(), ElementsAre("a1", "a2", "a3", "a4", "b1", "b2", "b3", "b4"));
  EXPECT_EQ(bench.kafka.committed.at(Partition(1)), Offset(4));
}

TEST_F(RefusedRecord, RetriesDeadPartitionWithShortPatience) {
  Arrive({"a"}, 0);
  Arrive({"b"}, 1);
  Refuse(OutgoingTopic::kSeen, 1, RefusalReason::kUnavailable);
  bench.AssignAndRestore({0, 1});
  bench.fetcher.FinishAll();
  Pass(seconds(120));
  EXPECT_THAT(bench.Published(), ElementsAre("a"));
  EXPECT_EQ(bench.committer.submitted.front().patience, milliseconds(8'000));
  EXPECT_EQ(bench.committer.submitted.back().patience, milliseconds(3'000));
}

TEST_F(RefusedRecord, FindsTopicThatBlocksWholeTransaction) {
  Arrive({"a", "b"}, 0);
  Arrive({"c", "d"}, 1);
  bench.ArrivesRaw(1, "letter", "not json");
  bench.kafka.refuses_all_together = true;
  Refuse(OutgoingTopic::kDead, std::nullopt, RefusalReason::kUnavailable);
  bench.AssignAndRestore({0, 1});
  bench.fetcher.FinishAll();
  bench.Turn(20);
  Pass(seconds(3));
  EXPECT_THAT(bench.Published(), UnorderedElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(bench.Dead(), IsEmpty());
  Accept();
  Pass(seconds(61));
  EXPECT_THAT(bench.Dead(), ElementsAre("letter"));
}

TEST_F(RefusedRecord, LeavesNothingSetAsideAfterClusterOutage) {
  Arrive({"a"}, 0);
  Arrive({"b"}, 1);
  bench.kafka.refuses = [](const OutgoingRecord& /*record*/) {
    return std::optional(RefusalReason::kUnavailable);
  };
  bench.AssignAndRestore({0, 1});
  bench.fetcher.FinishAll();
  Pass(seconds(300));
  EXPECT_THAT(bench.Published(), IsEmpty());
  Accept();
  Pass(seconds(11));
  EXPECT_THAT(bench.Published(), UnorderedElementsAre("a", "b")) << "not a minute later";
}

TEST_F(RefusedRecord, KeepsOrderOfProcessWithSetAsideResult) {
  bench.Arrives(0, "p", 0, "pending");
  bench.Arrives(0, "p", 1, "accepted");
  Arrive({"q"});
  int refusals = 3;
  bench.kafka.refuses = [&](const OutgoingRecord& record) -> std::optional<RefusalReason> {
    const bool is_first =
        record.topic == OutgoingTopic::kSeen && record.timestamp == LaneBench::Time(0) &&
        record.key == std::string(common::IdentityOf("onfido", common::DossierId("d"),
                                                     common::ProcessId("p"), "pending")
                                      .view());
    return is_first && refusals-- > 0 ? std::optional(RefusalReason::kInvalid) : std::nullopt;
  };
  bench.AssignAndRestore({0});
  bench.fetcher.FinishAll();
  bench.Turn(20);
  EXPECT_THAT(bench.Published(), ElementsAre("q"));
  Pass(seconds(60));
  ASSERT_THAT(bench.Published(), ElementsAre("q", "p", "p"));
  EXPECT_THAT(bench.kafka.processes[1].value, ::testing::HasSubstr("pending"));
  EXPECT_THAT(bench.kafka.processes[2].value, ::testing::HasSubstr(R"("status":"accepted")"));
}

TEST_F(RefusedRecord, PausesOnlyPartitionWithTooManySetAside) {
  LaneSettings settings = LaneBench::Quick();
  settings.intake.pending = 40;
  LaneBench small(settings);
  small.kafka.refuses = [](const OutgoingRecord& record) -> std::optional<RefusalReason> {
    const bool is_dead =
        record.topic == OutgoingTopic::kProcesses && record.partition == Partition(1);
    return is_dead ? std::optional(RefusalReason::kUnavailable) : std::nullopt;
  };
  small.AssignAndRestore({0, 1});
  for (int i = 0; i < 100; ++i) {
    small.Arrives(0, "a" + std::to_string(i));
    small.Arrives(1, "b" + std::to_string(i));
    small.Turn(3);
    small.fetcher.FinishAll();
  }
  small.Turn(10);
  EXPECT_THAT(small.Published(), SizeIs(100));
  EXPECT_TRUE(small.source.paused.contains(Partition(1)));
  EXPECT_FALSE(small.source.paused.contains(Partition(0)));
  EXPECT_LE(small.events.gauges.pending, 40U);
  EXPECT_EQ(small.source.needless_resumes, 0);
}

TEST_F(RefusedRecord, FetchesDroppedResultsAgain) {
  LaneSettings settings = LaneBench::Quick();
  settings.commit.batch.set_aside.bytes = 1;
  LaneBench small(settings);
  for (const char* process : {"a", "b", "c"}) small.Arrives(0, process);
  small.kafka.refuses = [](const OutgoingRecord& record) -> std::optional<RefusalReason> {
    const bool is_result = record.topic == OutgoingTopic::kProcesses;
    return is_result ? std::optional(RefusalReason::kUnavailable) : std::nullopt;
  };
  small.AssignAndRestore({0});
  small.fetcher.Finish("a");
  small.Turn();
  small.fetcher.FinishAll();
  small.Turn();
  EXPECT_LT(small.events.gauges.pending, 4U);
  small.kafka.refuses = nullptr;
  for (int i = 0; i < 20; ++i) small.Pass(milliseconds(250));
  EXPECT_THAT(small.Published(), ElementsAre("a"));
  small.fetcher.FinishAll();
  small.Turn();
  EXPECT_THAT(small.Published(), ElementsAre("a", "b", "c"));
  EXPECT_EQ(small.kafka.committed.at(Partition(0)), Offset(3));
}

TEST_F(RefusedRecord, GivesMarkersEarlierTimeWhenBrokersClockIsBehind) {
  Arrive({"a", "b"});
  const common::WallTime brokers_limit = LaneBench::Time(20'000 * 60) - std::chrono::hours(3);
  bench.Arrives(0, "late", 20'000 * 60);
  bench.kafka.refuses = [&](const OutgoingRecord& record) -> std::optional<RefusalReason> {
    const bool is_ahead = record.timestamp && *record.timestamp > brokers_limit;
    return is_ahead ? std::optional(RefusalReason::kTimestamp) : std::nullopt;
  };
  bench.AssignAndRestore({0});
  bench.fetcher.FinishAll();
  bench.Turn(20);
  EXPECT_THAT(bench.Published(), ElementsAre("a", "b", "late"));
  EXPECT_EQ(bench.kafka.seen[2].timestamp, brokers_limit);
  EXPECT_EQ(common::LastHeader(bench.kafka.seen[2].headers, "record-time"),
            common::FormatRfc3339(LaneBench::Time(20'000 * 60)));
  const std::size_t before = bench.committer.submitted.size();
  bench.Arrives(0, "next", 20'000 * 60 + 1);
  bench.Turn();
  bench.fetcher.FinishAll();
  bench.Turn();
  EXPECT_THAT(bench.Published(), SizeIs(4));
  EXPECT_EQ(bench.committer.submitted.size(), before + 1) << "the limit is known by now";
}

TEST_F(RefusedRecord, CommitsPartsBeforeRevocation) {
  Arrive({"a", "b", "bad", "c"});
  RefuseResultsOf({"bad"});
  bench.AssignAndRestore({0});
  bench.committer.is_hanging = true;
  bench.fetcher.FinishAll();
  bench.Turn();
  bench.committer.is_hanging = false;
  bench.source.Revoke();
  bench.Turn();
  EXPECT_THAT(bench.Published(), UnorderedElementsAre("a", "b", "c"));
  EXPECT_THAT(bench.Dead(), ElementsAre("bad"));
  EXPECT_EQ(bench.kafka.committed.at(Partition(0)), Offset(4));
}

TEST_F(RefusedRecord, RetriesNoSetAsideCallbackAtRevocation) {
  Arrive({"a"}, 0);
  Arrive({"b"}, 1);
  Refuse(OutgoingTopic::kProcesses, 1, RefusalReason::kUnavailable);
  bench.AssignAndRestore({0, 1});
  bench.fetcher.FinishAll();
  bench.Turn(20);
  const std::size_t before = bench.committer.submitted.size();
  bench.now += seconds(60);  // it is due
  bench.source.Revoke();
  bench.Turn(1);
  EXPECT_THAT(bench.Published(), ElementsAre("a"));
  EXPECT_EQ(bench.committer.submitted.size(), before);
}

TEST_F(RefusedRecord, CommitsOffsetsOfDuplicatesInRefusedBatch) {
  Arrive({"x"}, 1);
  bench.AssignAndRestore({0, 1});
  bench.fetcher.FinishAll();
  bench.Turn();
  Arrive({"bad"}, 0);
  Arrive({"x", "x"}, 1);
  Refuse(OutgoingTopic::kProcesses, 0, RefusalReason::kUnavailable);
  bench.Turn(1);
  bench.fetcher.FinishAll();
  bench.Turn(20);
  EXPECT_EQ(bench.kafka.committed.at(Partition(1)), Offset(3));
  EXPECT_EQ(bench.events.disposed.at(Disposal::kDuplicate), 2);
}

}  // namespace
}  // namespace consumer
