// Kafka 4.3 and 4.4 treat a partition without a leader as deleted: a transaction that ends
// meanwhile is "complete" and stays open on that partition for ever. The next transaction of the
// same producer on that partition ends it, with its own outcome.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/kafka/unended_transaction.h"
#include "consumer/kafka/kafka_committer.h"
#include "consumer/kafka/kafka_restorer.h"
#include "consumer/kafka/log_reader.h"
#include "tests/broker/consumer/kafka/consumer_bench.h"
#include "tests/broker/consumer/kafka/forgetful_kafka.h"

namespace consumer {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::unique_ptr<KafkaRestorer> MakeRestorer(ConsumerBench& bench) {
  auto restorer =
      KafkaRestorer::Create(bench.Settings("a"), std::chrono::hours(48), bench.log(),
                            {.look_up = milliseconds(3'000), .stuck_after = milliseconds(2'000)});
  return *std::move(restorer);
}

struct ForgottenRestore {
  std::vector<EndedTransaction> ended;
  std::vector<RestoredPartition> restored;
};

/// Restores a partition on which the instance has a forgotten transaction.
ForgottenRestore RestoreForgotten(ConsumerBench& bench, std::int32_t partition) {
  const auto restorer = MakeRestorer(bench);
  restorer->Restore({.partitions = {Partition(partition)}, .epoch = 1});
  ForgottenRestore seen;
  EXPECT_TRUE(tests::WaitUntil(
      [&] {
        for (auto& one : restorer->TakeEnded()) seen.ended.push_back(std::move(one));
        for (auto& one : restorer->TakeRestored()) seen.restored.push_back(std::move(one));
        return !seen.restored.empty();
      },
      seconds(90)));
  return seen;
}

TEST_F(ForgottenTransaction, IsNotEndedByNextBatch) {
  const std::int32_t forgotten = Expendable("a");
  ForgetAnAbort("a", forgotten);
  Member member(bench, "a");
  ASSERT_TRUE(member.PollUntilAssigned(kPartitions));

  KafkaCommitter committer(bench.Settings("a"), bench.log());
  // A broker that has just come back may not answer: an aborted batch may be repeated.
  const auto commit = [&](std::int32_t partition, std::uint8_t number) {
    CommitReport report;
    EXPECT_TRUE(tests::WaitUntil(
        [&] {
          committer.Submit(
              ConsumerBench::OneCallback(partition, number, 1, *member.source().Membership()));
          auto taken = committer.WaitReport(common::Deadline::After(seconds(60)));
          if (taken) report = *std::move(taken);
          return taken && report.outcome != CommitOutcome::kAborted;
        },
        seconds(60)))
        << report.code << ": " << report.detail;
    return report;
  };
  const CommitReport refused = commit(forgotten, 2);
  EXPECT_THAT(tests::Keys(bench.kafka().ReadAll(bench.topics().processes)), IsEmpty())
      << "an aborted result is visible";
  EXPECT_EQ(refused.code, "not_clean") << refused.detail;
  EXPECT_EQ(refused.outcome, CommitOutcome::kUnknown) << "the lane restores its source partitions";
  EXPECT_THAT(refused.detail,
              HasSubstr("[" + std::to_string(forgotten) + "] has a transaction open at offset 0"));

  const CommitReport elsewhere = commit((forgotten + 1) % kPartitions, 3);
  EXPECT_EQ(elsewhere.outcome, CommitOutcome::kCommitted)
      << elsewhere.code << ": " << elsewhere.detail;
  // Kafka confirms a commit before the partition has its marker. The forgotten transaction stays
  // open, so the topic never settles.
  std::vector<std::string> visible;
  (void)tests::WaitUntil(
      [&] {
        visible = tests::Keys(bench.kafka().ReadAll(bench.topics().processes));
        return !visible.empty();
      },
      seconds(30));
  EXPECT_THAT(visible, ElementsAre("p3"));

  // In a restore only that partition waits.
  const auto restorer = MakeRestorer(bench);
  restorer->Restore({.partitions = common::AllPartitions(kPartitions), .epoch = 1});
  std::size_t restored = 0;
  EXPECT_TRUE(tests::WaitUntil(
      [&] { return (restored += restorer->TakeRestored().size()) == kPartitions - 1; },
      seconds(30)));
  std::vector<StuckRestore> stuck;
  ASSERT_TRUE(tests::WaitUntil(
      [&] {
        stuck = restorer->Stuck();
        return !stuck.empty() && stuck[0].awaiting == Awaiting::kResults;
      },
      seconds(30)))
      << stuck.size() << " are stuck";
  EXPECT_EQ(stuck[0].partition, Partition(forgotten));
  EXPECT_EQ(stuck[0].at, Offset(0));
}

TEST_F(ForgottenTransaction, IsEndedByItsInstanceIfMarkerShowsOutcome) {
  const std::int32_t forgotten = Expendable("a");
  Member member(bench, "a");
  ASSERT_TRUE(member.PollUntilAssigned(kPartitions));
  bench.kafka().Produce(bench.topics().callbacks, {{.key = "p1", .partition = forgotten}});
  ForgetACommit("a", forgotten, *member.source().Membership());

  const auto [ended, restored] = RestoreForgotten(bench, forgotten);
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].failure, "");
  EXPECT_EQ(ended[0].verdict, common::TransactionOutcome::kCommitted);
  EXPECT_EQ(ended[0].records, 1U);
  EXPECT_EQ(restored[0].start, Offset(1));
  EXPECT_EQ(restored[0].table.size(), 1U);
  EXPECT_THAT(tests::Keys(bench.kafka().ReadSettled(bench.topics().processes)), ElementsAre("p1"));
}

// The transaction was cut before its marker was written: only the previous transaction's offset
// shows its outcome.
TEST_F(ForgottenTransaction, IsEndedByItsInstanceIfOnlyOffsetShowsOutcome) {
  const std::int32_t forgotten = Expendable("a");
  Member member(bench, "a");
  ASSERT_TRUE(member.PollUntilAssigned(kPartitions));
  {
    const auto producer = bench.Producer("a");
    const TransactionEnd end = RunTransaction(
        *producer, ConsumerBench::OneCallback(forgotten, 1, 1, *member.source().Membership()),
        Soon());
    ASSERT_EQ(end.outcome, CommitOutcome::kCommitted) << end.detail;
  }
  EXPECT_THAT(tests::Keys(bench.kafka().ReadSettled(bench.topics().processes)), ElementsAre("p1"));
  ForgetAnAbort("a", forgotten);

  const auto [ended, restored] = RestoreForgotten(bench, forgotten);
  EXPECT_EQ(restored.size(), 1U);
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].failure, "");
  EXPECT_EQ(ended[0].verdict, common::TransactionOutcome::kAborted);
  EXPECT_THAT(tests::Keys(bench.kafka().ReadSettled(bench.topics().processes)), ElementsAre("p1"));
}

/// The partition of the same number of `callbacks.seen` goes offline together with that of
/// `processes`.
class ForgottenTwice : public ForgottenTransaction {
 protected:
  ForgottenTwice() {
    tests::TopicSpec spec{.partitions = kPartitions};
    for (int partition = 0; partition < kPartitions; ++partition) {
      spec.nodes.push_back({1 + partition % 3});
    }
    bench.topics().processes = bench.kafka().CreateUniqueTopic("processes", spec);
    bench.topics().seen = bench.kafka().CreateUniqueTopic("seen", spec);
  }
};

// Copies stand for the results by the time the markers are judged.
TEST_F(ForgottenTwice, IsEndedByItsInstanceOnBothTopics) {
  const std::int32_t forgotten = Expendable("a");
  Member member(bench, "a");
  ASSERT_TRUE(member.PollUntilAssigned(kPartitions));
  bench.kafka().Produce(bench.topics().callbacks, {{.key = "p1", .partition = forgotten}});
  ForgetACommit("a", forgotten, *member.source().Membership());
  bench.kafka().AwaitLeader(bench.topics().seen, forgotten);
  ASSERT_EQ(bench.kafka().LastStableOffset(bench.topics().seen, forgotten), 0)
      << "this Kafka does not forget";

  const auto [ended, restored] = RestoreForgotten(bench, forgotten);
  ASSERT_EQ(ended.size(), 2U);
  for (const EndedTransaction& one : ended) {
    EXPECT_EQ(one.failure, "");
    EXPECT_EQ(one.verdict, common::TransactionOutcome::kCommitted) << one.topic;
  }
  ASSERT_EQ(restored.size(), 1U);
  EXPECT_EQ(restored[0].start, Offset(1));
  EXPECT_EQ(restored[0].table.size(), 1U);
  EXPECT_THAT(tests::Keys(bench.kafka().ReadSettled(bench.topics().processes)), ElementsAre("p1"));
}

// Otherwise the later offset would take the place of the one that shows the outcome, and nothing
// else does.
TEST_F(ForgottenTwice, KeepsItsOffsetWhenALaterBatchOnlyMovesIt) {
  const std::int32_t forgotten = Expendable("a");
  Member member(bench, "a");
  ASSERT_TRUE(member.PollUntilAssigned(kPartitions));
  bench.kafka().Produce(bench.topics().callbacks, {{.key = "p1", .partition = forgotten},
                                                   {.key = "p1", .partition = forgotten}});
  ForgetACommit("a", forgotten, *member.source().Membership());
  bench.kafka().AwaitLeader(bench.topics().seen, forgotten);

  {
    KafkaCommitter committer(bench.Settings("a"), bench.log());
    const Batch redelivery{.records = {},
                           .offsets = {{Partition(forgotten), Offset(2)}},
                           .membership = *member.source().Membership()};
    CommitReport report;
    // A broker that has just come back may not answer: an aborted batch may be repeated.
    EXPECT_TRUE(tests::WaitUntil(
        [&] {
          committer.Submit(redelivery);
          auto taken = committer.WaitReport(common::Deadline::After(seconds(60)));
          if (taken) report = *std::move(taken);
          return taken && report.outcome != CommitOutcome::kAborted;
        },
        seconds(60)));
    EXPECT_EQ(report.outcome, CommitOutcome::kUnknown) << report.code << ": " << report.detail;
    EXPECT_THAT(report.unknown, ElementsAre(Partition(forgotten)));
  }

  const auto restorer =
      KafkaRestorer::Create(bench.Settings("a"), std::chrono::hours(48), bench.log(),
                            {.look_up = milliseconds(3'000), .stuck_after = milliseconds(2'000)});
  (*restorer)->Restore({.partitions = {Partition(forgotten)}, .epoch = 1});
  std::vector<RestoredPartition> restored;
  EXPECT_TRUE(tests::WaitUntil(
      [&] {
        for (auto& one : (*restorer)->TakeRestored()) restored.push_back(std::move(one));
        return !restored.empty();
      },
      seconds(90)))
      << "nothing shows the outcome";
  EXPECT_THAT(tests::Keys(bench.kafka().ReadSettled(bench.topics().processes)), ElementsAre("p1"));
}

TEST_F(ForgottenTransaction, IsNotAwaitedWhereNobodyAnswersForABatchThatWritesElsewhere) {
  const std::int32_t silent = Expendable("a");
  const std::int32_t other = (silent + 1) % kPartitions;
  Member member(bench, "a");
  ASSERT_TRUE(member.PollUntilAssigned(kPartitions));
  Behead(bench.topics().processes, silent);
  KafkaCommitter committer(bench.Settings("a"), bench.log());
  for (std::uint8_t number = 1; number <= 2; ++number) {
    CommitReport report;
    EXPECT_TRUE(tests::WaitUntil(
        [&] {
          Batch batch =
              ConsumerBench::OneCallback(other, number, number, *member.source().Membership());
          batch.offsets.push_back({Partition(silent), Offset(0)});
          committer.Submit(std::move(batch));
          auto taken = committer.WaitReport(common::Deadline::After(seconds(60)));
          if (taken) report = *std::move(taken);
          return taken && report.outcome == CommitOutcome::kCommitted;
        },
        seconds(60)))
        << report.code << ": " << report.detail;
  }
}

/// Partitions of `callbacks.seen` go offline, those of `callbacks.dead` do not.
class ForgottenMarker : public ForgottenTransaction {
 protected:
  ForgottenMarker() {
    bench.topics().seen = bench.kafka().CreateUniqueTopic("seen", {kPartitions, 1, {}});
    bench.topics().processes = bench.topics().seen;  // For Expendable().
  }
};

// The offset was forgotten as well, and the next producer of the name has ended it as aborted: only
// the letter shows the outcome.
TEST_F(ForgottenMarker, IsEndedAsCommittedIfItsLetterIsVisible) {
  const std::int32_t forgotten = Expendable("a");
  bench.topics().processes = bench.kafka().CreateUniqueTopic("processes", {kPartitions, 3, {}});
  Member member(bench, "a");
  ASSERT_TRUE(member.PollUntilAssigned(kPartitions));
  bench.kafka().Produce(bench.topics().callbacks, {{.key = "p1", .partition = forgotten},
                                                   {.key = "p2", .partition = forgotten}});
  const auto producer = bench.Producer("a");
  ASSERT_EQ(RunTransaction(
                *producer,
                ConsumerBench::OneCallback(forgotten, 1, 1, *member.source().Membership()), Soon())
                .outcome,
            CommitOutcome::kCommitted);
  (void)bench.kafka().ReadSettled(bench.topics().seen);
  Batch letter = ConsumerBench::OneCallback(forgotten, 2, 2, *member.source().Membership());
  letter.records[0].topic = OutgoingTopic::kDead;
  letter.records[0].partition.reset();
  ASSERT_TRUE(producer->Begin());
  for (std::size_t i = 0; i < letter.records.size(); ++i) {
    ASSERT_TRUE(producer->Produce(letter.records[i], i));
  }
  ASSERT_TRUE(producer->Flush(Soon()));
  Behead(bench.topics().seen, forgotten);
  ASSERT_TRUE(producer->Commit(Soon()));
  Revive(bench.topics().seen, forgotten);

  const auto [ended, restored] = RestoreForgotten(bench, forgotten);
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].failure, "");
  EXPECT_EQ(ended[0].verdict, common::TransactionOutcome::kCommitted);
  ASSERT_EQ(restored.size(), 1U);
  EXPECT_EQ(restored[0].table.size(), 2U) << "the callback of the letter would be handled again";
}

class ForgottenOffsets : public ForgottenTransaction {
 protected:
  ForgottenOffsets() : ForgottenTransaction({"offsets.topic.replication.factor=1"}) {
    if (!member.PollUntilAssigned(kPartitions)) throw std::runtime_error("not assigned");
    while (TransactionCoordinator(instance) == GroupCoordinator()) instance += "a";
  }

  /// Leaves 17 pending on partition 3, of an aborted transaction, for good.
  void ForgetAnAbortedOffset() {
    const std::int32_t offsets = InternalPartition(bench.group());
    const auto producer = bench.Producer(instance);
    ASSERT_TRUE(producer->Begin());
    ASSERT_TRUE(
        producer->SendOffsets({{Partition(3), Offset(17)}}, *member.source().Membership(), Soon()));
    Behead("__consumer_offsets", offsets);
    const auto ended = producer->Abort(Soon());
    ASSERT_TRUE(ended) << ended.error().detail;
    Revive("__consumer_offsets", offsets);
    reader = *LogReader::Create(bench.Settings(instance), bench.log());
    const auto is_back = [&] { return IsCommitted(3, LogReader::Stability::kRough); };
    ASSERT_TRUE(tests::WaitUntil(is_back, seconds(60))) << "the group's coordinator is not back";
    ASSERT_FALSE(IsStable(3)) << "this Kafka does not forget transactions";
  }
  [[nodiscard]] bool IsCommitted(std::int32_t partition, LogReader::Stability stability) {
    return !reader
                ->Committed({Partition(partition)}, stability, common::Deadline::After(seconds(3)))
                .empty();
  }
  [[nodiscard]] bool IsStable(std::int32_t partition) {
    return IsCommitted(partition, LogReader::Stability::kStable);
  }

  Member member{bench, "m"};
  std::string instance = "a";
  std::unique_ptr<LogReader> reader;
};

TEST_F(ForgottenOffsets, AreEndedByNextProducerOfSameNameWithoutABatch) {
  ForgetAnAbortedOffset();
  // No batch comes while a restore waits for the offsets.
  const KafkaCommitter successor(bench.Settings(instance), bench.log());
  EXPECT_TRUE(tests::WaitUntil([&] { return IsStable(3); }, seconds(60)));
  EXPECT_THAT(bench.kafka().CommittedOffsets(bench.group(), bench.topics().callbacks), IsEmpty())
      << "offsets of an aborted transaction";
}

// As if Kafka had forgotten the first end of the next producer, too.
TEST_F(ForgottenOffsets, AreGoneOnceTriedOffsetsOnAnotherPartitionAreGone) {
  ForgetAnAbortedOffset();
  const auto successor = bench.Producer(instance);
  const auto try_and_commit = [&](std::int32_t partition, std::uint8_t number) {
    // The member lives on, its coordinator was away: its generation may have to catch up.
    return tests::WaitUntil(
        [&] {
          member.Poll();
          const auto membership = member.source().Membership();
          if (!membership || !membership->IsFenceable()) return false;
          const Batch batch = ConsumerBench::OneCallback(partition, number, 5, *membership);
          if (TryOffsets(*successor, batch, Soon())) return false;
          EXPECT_TRUE(tests::WaitUntil([&] { return IsStable(partition); }, seconds(60)));
          EXPECT_TRUE(IsStable(3)) << "one end of the producer ends everything";
          return RunTransaction(*successor, batch, Soon()).outcome == CommitOutcome::kCommitted;
        },
        seconds(60));
  };
  ASSERT_TRUE(try_and_commit(1, 1));
  EXPECT_TRUE(tests::WaitUntil([&] { return IsStable(1); }, seconds(60)));
  EXPECT_THAT(bench.kafka().CommittedOffsets(bench.group(), bench.topics().callbacks),
              ElementsAre(std::pair(1, 5)))
      << "17 of partition 3 was aborted";
}

// A transaction that Kafka is only slow to end has ended by the time its owner's producer is
// replaced.
TEST(UnendedTransaction, IsNotCopiedIfItHasEndedByItself) {
  ConsumerBench bench;
  Member member(bench, "a");
  ASSERT_TRUE(member.PollUntilAssigned(1));
  const auto producer = bench.Producer("a");
  const TransactionEnd end = RunTransaction(
      *producer, ConsumerBench::OneCallback(0, 1, 1, *member.source().Membership()), Soon());
  ASSERT_EQ(end.outcome, CommitOutcome::kCommitted) << end.detail;
  const auto ended = common::kafka::EndAsCommitted(
      bench.Settings("a").properties,
      {.owner = bench.Settings("a").transactional_id(),
       .topic = bench.topics().processes,
       .partition = Partition(0),
       .records = {{.offset = Offset(0), .time = {}, .key = "p1", .value = "{}", .headers = {}}}});
  ASSERT_TRUE(ended) << ended.error().detail;
  EXPECT_THAT(tests::Keys(bench.kafka().ReadSettled(bench.topics().processes)), ElementsAre("p1"));
}

}  // namespace
}  // namespace consumer
