#include "consumer/kafka/source_consumer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/broker/consumer/kafka/consumer_bench.h"

namespace consumer {
namespace {

TEST(SourceConsumer, FailsForGoodWhenAnotherInstanceTakesItsName) {
  ConsumerBench bench;
  Member older(bench, "same");
  ASSERT_TRUE(older.PollUntilAssigned(1));
  Member newer(bench, "same");
  EXPECT_TRUE(tests::WaitUntil(
      [&] {
        newer.Poll();
        older.Poll();
        return older.source().failure().has_value();
      },
      std::chrono::seconds(20)));
  EXPECT_EQ(older.source().failure()->code, "fenced");
  EXPECT_EQ(older.source().fencing_doubt(), FencingDoubt::kNone);
  EXPECT_TRUE(newer.PollUntilAssigned(1));
}

TEST(SourceConsumer, ReadsNothingBeforeSeekThenFromThere) {
  ConsumerBench bench;
  bench.kafka().Produce(bench.topics().callbacks, {{"k0", "v0"}, {"k1", "v1"}, {"k2", "v2"}});
  Member member(bench, "a");
  ASSERT_TRUE(member.PollUntilAssigned(1));
  // No Seek() yet: nothing comes, though the fetcher has had time.
  EXPECT_FALSE(tests::WaitUntil(
      [&] {
        member.Poll();
        return !member.records.empty();
      },
      std::chrono::milliseconds(700)));
  ASSERT_TRUE(tests::WaitUntil([&] { return member.Seeks(Partition(0), Offset(1)); },
                               std::chrono::seconds(10)));
  member.source().Resume({Partition(0)});
  EXPECT_TRUE(tests::WaitUntil(
      [&] {
        member.Poll();
        return member.records.size() == 2;
      },
      std::chrono::seconds(10)));
  EXPECT_EQ(member.records.at(0).key, "k1");

  // A pause loses and repeats nothing.
  member.source().Pause({Partition(0)});
  bench.kafka().Produce(bench.topics().callbacks, {{"k3", "v3"}, {"k4", "v4"}});
  member.Poll();
  member.source().Resume({Partition(0)});
  EXPECT_TRUE(tests::WaitUntil(
      [&] {
        member.Poll();
        return member.records.size() == 4;
      },
      std::chrono::seconds(10)));
  EXPECT_EQ(member.records.at(2).key, "k3");
  EXPECT_EQ(member.records.at(3).offset, Offset(4));
}

// The client would otherwise go on somewhere else, and leave out the records read ahead.
TEST(SourceConsumer, ReportsPositionThatLogDoesNotHaveAndReadsWithANewClient) {
  ConsumerBench bench;
  bench.kafka().Produce(bench.topics().callbacks, {{"k0", "v0"}, {"k1", "v1"}});
  Member member(bench, "a");
  ASSERT_TRUE(member.PollUntilAssigned(1));
  const auto seek = [&](Offset offset) {
    return tests::WaitUntil([&] { return member.Seeks(Partition(0), offset); },
                            std::chrono::seconds(10));
  };
  const auto poll_until = [&](auto holds) {
    return tests::WaitUntil(
        [&] {
          member.Poll();
          return holds();
        },
        std::chrono::seconds(20));
  };
  ASSERT_TRUE(seek(Offset(7)));
  member.source().Resume({Partition(0)});
  EXPECT_TRUE(poll_until([&] { return !member.refused.empty(); }));
  EXPECT_EQ(member.refused, std::vector{Partition(0)});
  EXPECT_TRUE(member.records.empty());
  EXPECT_FALSE(member.Seeks(Partition(0), Offset(1))) << "then a new client would not be needed";
  member.Renew();
  ASSERT_TRUE(member.PollUntilAssigned(1));
  ASSERT_TRUE(seek(Offset(1)));
  member.source().Resume({Partition(0)});
  EXPECT_TRUE(poll_until([&] { return member.records.size() == 1; }));
  EXPECT_EQ(member.records.front().key, "k1");
}

TEST(SourceConsumer, IsMemberWithoutPartition) {
  ConsumerBench bench(1);
  Member first(bench, "a");
  ASSERT_TRUE(first.PollUntilAssigned(1));
  Member second(bench, "b");
  EXPECT_TRUE(tests::WaitUntil(
      [&] {
        first.Poll();
        second.Poll();
        return first.is_assigned && second.is_assigned &&
               first.assigned.size() + second.assigned.size() == 1;
      },
      std::chrono::seconds(30)));
}

TEST(SourceConsumer, ContinuesWithNewClientUnderSameName) {
  ConsumerBench bench(2);
  bench.kafka().Produce(bench.topics().callbacks, {{.key = "k0", .value = "v0", .partition = 0}});
  Member member(bench, "a");
  ASSERT_TRUE(member.PollUntilAssigned(2));
  const GroupMembership before = *member.source().Membership();
  member.Renew();
  EXPECT_EQ(member.revocations, 1);
  EXPECT_FALSE(member.is_assigned);
  ASSERT_TRUE(member.PollUntilAssigned(2));
  EXPECT_FALSE(member.source().failure().has_value());
  const GroupMembership after = *member.source().Membership();
  EXPECT_TRUE(after.IsFenceable());
  EXPECT_NE(after.member_id, before.member_id);
  ASSERT_TRUE(tests::WaitUntil([&] { return member.Seeks(Partition(0), Offset(0)); },
                               std::chrono::seconds(10)));
  member.source().Resume({Partition(0)});
  EXPECT_TRUE(tests::WaitUntil(
      [&] {
        member.Poll();
        return member.records.size() == 1;
      },
      std::chrono::seconds(10)));

  const auto producer = bench.Producer("a");
  EXPECT_EQ(RunTransaction(*producer, ConsumerBench::OneCallback(0, 1, 1, before), Soon()).outcome,
            CommitOutcome::kAborted)
      << "what the old client began";
  EXPECT_EQ(RunTransaction(*producer, ConsumerBench::OneCallback(0, 2, 1, after), Soon()).outcome,
            CommitOutcome::kCommitted);
}

TEST(SourceConsumer, ReportsEndBehindControlRecords) {
  ConsumerBench bench;
  bench.kafka().ProduceInTransaction(bench.topics().callbacks,
                                     {{.key = "k", .value = "v", .partition = 0}});
  Member member(bench, "a");
  ASSERT_TRUE(member.PollUntilAssigned(1));
  ASSERT_TRUE(tests::WaitUntil([&] { return member.Seeks(Partition(0), Offset(0)); },
                               std::chrono::seconds(10)));
  member.source().Resume({Partition(0)});
  EXPECT_TRUE(tests::WaitUntil(
      [&] {
        member.Poll();
        return member.ends.contains(Partition(0));
      },
      std::chrono::seconds(20)));
  EXPECT_EQ(member.records.size(), 1U);
  EXPECT_EQ(member.ends[Partition(0)], Offset(2)) << "the record and the end of its transaction";
}

}  // namespace
}  // namespace consumer
