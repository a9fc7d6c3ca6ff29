#include "consumer/kafka/transactional_producer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "consumer/kafka/kafka_committer.h"
#include "tests/broker/consumer/kafka/consumer_bench.h"
#include "tests/harness/process.h"

namespace consumer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using tests::Isolation;

std::string Describe(const TransactionEnd& end) {
  const std::string outcome = end.outcome == CommitOutcome::kCommitted ? "committed"
                              : end.outcome == CommitOutcome::kAborted ? "aborted"
                                                                       : "unknown";
  return outcome + (end.must_recycle ? ", recycle: " : ": ") + end.detail;
}

TEST(TransactionalProducer, CommitsResultMarkerAndOffsetTogether) {
  ConsumerBench bench(2);
  Member member(bench, "a");
  ASSERT_TRUE(member.PollUntilAssigned(2));
  const auto producer = bench.Producer("a");
  const auto end = RunTransaction(
      *producer, ConsumerBench::OneCallback(1, 7, 5, *member.source().Membership()), Soon());
  ASSERT_EQ(Describe(end), "committed: ");

  const auto results = bench.kafka().ReadSettled(bench.topics().processes);
  ASSERT_THAT(results, SizeIs(1));
  EXPECT_EQ(results[0].partition, 1);
  const auto markers = bench.kafka().ReadSettled(bench.topics().seen);
  ASSERT_THAT(markers, SizeIs(1));
  EXPECT_EQ(markers[0].partition, 1);
  EXPECT_EQ(markers[0].key, std::string(16, '\7'));
  EXPECT_EQ(markers[0].value, "") << "zero bytes, not null";
  EXPECT_LT(markers[0].timestamp_ms, common::WallNow().time_since_epoch().count() - 60'000);
  EXPECT_THAT(bench.kafka().CommittedOffsets(bench.group(), bench.topics().callbacks),
              ElementsAre(std::pair(1, 5)));
}

TEST(TransactionalProducer, WritesOwnerAndTransactionToEachRecord) {
  ConsumerBench bench;
  Member member(bench, "a");
  ASSERT_TRUE(member.PollUntilAssigned(1));
  const auto producer = bench.Producer("a");
  Batch batch = ConsumerBench::OneCallback(0, 1, 1, *member.source().Membership());
  OutgoingRecord letter = batch.records[0];
  letter.topic = OutgoingTopic::kDead;
  batch.records.push_back(letter);
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(Describe(RunTransaction(*producer, batch, Soon())), "committed: ");
  }
  std::vector<std::string> numbers;
  for (const std::string& topic :
       {bench.topics().processes, bench.topics().seen, bench.topics().dead}) {
    const auto records = bench.kafka().ReadSettled(topic);
    ASSERT_THAT(records, SizeIs(2)) << topic;
    for (const tests::Record& record : records) {
      EXPECT_EQ(common::LastHeader(record.headers, "instance"),
                bench.Settings("a").transactional_id());
      numbers.emplace_back(common::LastHeader(record.headers, "transaction").value_or(""));
    }
  }
  EXPECT_LT(numbers[0], numbers[1]) << "a repeated batch gets a new number";
  EXPECT_THAT(numbers,
              ElementsAre(numbers[0], numbers[1], numbers[0], numbers[1], numbers[0], numbers[1]));
}

TEST(TransactionalProducer, CommitsOffsetsAlone) {
  ConsumerBench bench;
  Member member(bench, "a");
  ASSERT_TRUE(member.PollUntilAssigned(1));
  const auto producer = bench.Producer("a");
  Batch batch;
  batch.offsets = {{Partition(0), Offset(3)}};
  batch.membership = *member.source().Membership();
  EXPECT_EQ(Describe(RunTransaction(*producer, batch, Soon())), "committed: ");
  EXPECT_THAT(bench.kafka().CommittedOffsets(bench.group(), bench.topics().callbacks),
              ElementsAre(std::pair(0, 3)));
}

TEST(TransactionalProducer, ShowsNoRecordOfTransactionOfKilledOwner) {
  ConsumerBench bench;
  tests::Process owner(
      HALF_TRANSACTION,
      {tests::Broker::Shared().bootstrap(), bench.topics().callbacks, bench.topics().processes,
       bench.topics().seen, bench.group(), bench.Settings("a").instance});
  ASSERT_TRUE(owner.WaitForOutput("produced", std::chrono::seconds(30))) << owner.Describe();
  EXPECT_EQ(bench.kafka().HighWatermark(bench.topics().processes, 0), 1);
  owner.Kill();
  EXPECT_THAT(bench.kafka().ReadAll(bench.topics().processes), IsEmpty());
  EXPECT_EQ(bench.kafka().LastStableOffset(bench.topics().processes, 0), 0) << "still open";

  const auto successor = bench.Producer("a");  // aborts it
  EXPECT_TRUE(tests::WaitUntil(
      [&] { return bench.kafka().LastStableOffset(bench.topics().processes, 0) == 2; },
      std::chrono::seconds(30)));
  EXPECT_THAT(bench.kafka().ReadSettled(bench.topics().processes), IsEmpty());
  EXPECT_THAT(bench.kafka().ReadSettled(bench.topics().seen), IsEmpty());
}

TEST(TransactionalProducer, CannotCommitForOldGenerationEvenWithoutMovedOffset) {
  ConsumerBench bench(2);
  Member zombie(bench, "a");
  ASSERT_TRUE(zombie.PollUntilAssigned(2));
  const GroupMembership old = *zombie.source().Membership();
  const auto producer = bench.Producer("a");

  Member successor(bench, "b");
  ASSERT_TRUE(tests::WaitUntil(
      [&] {
        zombie.Poll();
        successor.Poll();
        return zombie.assigned.size() == 1 && successor.assigned.size() == 1;
      },
      std::chrono::seconds(30)));
  const auto end =
      RunTransaction(*producer, ConsumerBench::OneCallback(0, 1, 0, old), Soon());  // A1
  EXPECT_EQ(end.outcome, CommitOutcome::kAborted) << Describe(end);
  EXPECT_THAT(bench.kafka().ReadSettled(bench.topics().processes), IsEmpty());
  EXPECT_THAT(bench.kafka().ReadSettled(bench.topics().seen), IsEmpty());

  const auto again = RunTransaction(
      *producer, ConsumerBench::OneCallback(0, 1, 0, *zombie.source().Membership()), Soon());
  EXPECT_EQ(Describe(again), "committed: ") << "with the current membership";
}

TEST(TransactionalProducer, RefusesOffsetsWithoutFenceableMembership) {
  ConsumerBench bench;  // A2: the broker would accept them from anybody
  Member unjoined(bench, "a");
  const auto membership = unjoined.source().Membership();
  ASSERT_TRUE(membership.has_value());
  EXPECT_EQ(membership->generation, -1);
  EXPECT_EQ(membership->member_id, "");
  EXPECT_FALSE(membership->IsFenceable());
  const auto producer = bench.Producer("a");
  const auto end =
      RunTransaction(*producer, ConsumerBench::OneCallback(0, 1, 1, *membership), Soon());
  EXPECT_EQ(end.outcome, CommitOutcome::kAborted);
  EXPECT_THAT(bench.kafka().ReadSettled(bench.topics().processes), IsEmpty());
}

TEST(TransactionalProducer, DoesNotFenceSameInstanceOfAnotherGroup) {
  ConsumerBench one;
  ConsumerBench other;
  const std::string instance = one.Settings("same").instance;
  const auto settings = [&](ConsumerBench& bench) {
    ClientSettings made = bench.Settings("");
    made.instance = instance;
    return made;
  };
  Member member(one, "a");
  ASSERT_TRUE(member.PollUntilAssigned(1));
  const auto producer = TransactionalProducer::Create(settings(one), one.log());
  ASSERT_TRUE((*producer)->Initialise(Soon()));
  const auto neighbour = TransactionalProducer::Create(settings(other), other.log());
  ASSERT_TRUE((*neighbour)->Initialise(Soon()));
  const auto end = RunTransaction(
      **producer, ConsumerBench::OneCallback(0, 1, 1, *member.source().Membership()), Soon());
  EXPECT_EQ(Describe(end), "committed: ");
}

TEST(KafkaCommitter, ReportsRefusedRecordAndContinues) {
  constexpr Refusal kFirstIsTooLarge{0, RefusalReason::kTooLarge};
  ConsumerBench bench;
  bench.topics().processes =
      bench.kafka().CreateUniqueTopic("processes", {1, 1, {{"max.message.bytes", "100000"}}});
  Member member(bench, "a");
  ASSERT_TRUE(member.PollUntilAssigned(1));
  KafkaCommitter committer(bench.Settings("a"), bench.log());
  Batch batch = ConsumerBench::OneCallback(0, 1, 1, *member.source().Membership());
  std::mt19937 incompressible(1);
  for (int i = 0; i < 400'000; ++i) {
    batch.records[0].value.push_back(static_cast<char>(incompressible() & 0xff));
  }
  committer.Submit(batch);
  const auto by_broker = committer.WaitReport(Soon());
  ASSERT_TRUE(by_broker.has_value());
  EXPECT_EQ(by_broker->outcome, CommitOutcome::kAborted) << by_broker->detail;
  EXPECT_THAT(by_broker->refusals, ElementsAre(kFirstIsTooLarge)) << by_broker->detail;

  batch.records[0].value.assign(20'000'000, 'x');  // beyond message.max.bytes
  committer.Submit(batch);
  EXPECT_THAT(committer.WaitReport(Soon())->refusals, ElementsAre(kFirstIsTooLarge));

  batch.records[0].value = "{}";
  const auto submit = [&] {
    committer.Submit(batch);
    return committer.WaitReport(Soon());
  };
  auto mended = submit();
  // The broker may miss the sequence numbers of refused records: the lane repeats such a batch.
  for (int i = 0; i < 3 && mended->outcome == CommitOutcome::kAborted; ++i) {
    EXPECT_THAT(mended->refusals, IsEmpty()) << mended->detail;
    mended = submit();
  }
  EXPECT_EQ(mended->outcome, CommitOutcome::kCommitted) << mended->detail;
  EXPECT_THAT(tests::Values(bench.kafka().ReadSettled(bench.topics().processes)),
              ElementsAre("{}"));
}

TEST(KafkaCommitter, ReplacesFencedProducer) {
  ConsumerBench bench;
  Member member(bench, "a");
  ASSERT_TRUE(member.PollUntilAssigned(1));
  KafkaCommitter committer(bench.Settings("a"), bench.log());
  const auto commit = [&](std::uint8_t number) {
    committer.Submit(ConsumerBench::OneCallback(0, number, number, *member.source().Membership()));
    return committer.WaitReport(Soon());
  };
  ASSERT_EQ(commit(1)->outcome, CommitOutcome::kCommitted);

  const auto usurper = bench.Producer("a");  // with the same transactional.id
  const auto fenced = commit(2);
  ASSERT_TRUE(fenced.has_value());
  EXPECT_EQ(fenced->outcome, CommitOutcome::kAborted) << fenced->detail;
  EXPECT_TRUE(fenced->is_recycled);
  EXPECT_TRUE(fenced->is_fenced) << fenced->detail;
  EXPECT_THAT(fenced->batch.records, SizeIs(2)) << "to be submitted again";
  EXPECT_EQ(commit(2)->outcome, CommitOutcome::kCommitted);
  EXPECT_THAT(tests::Keys(bench.kafka().ReadSettled(bench.topics().processes)),
              ElementsAre("p1", "p2"));
}

}  // namespace
}  // namespace consumer
