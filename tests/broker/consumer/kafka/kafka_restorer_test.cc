#include "consumer/kafka/kafka_restorer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/broker/consumer/kafka/consumer_bench.h"

namespace consumer {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::IsEmpty;

constexpr hours kWindow{48};
constexpr milliseconds kStuckAfter{4'000};

class KafkaRestorerTest : public ::testing::Test {
 protected:
  KafkaRestorerTest() {
    auto created =
        KafkaRestorer::Create(bench.Settings("a"), kWindow, log,
                              {.look_up = milliseconds(3'000), .stuck_after = kStuckAfter});
    restorer = *std::move(created);
  }
  [[nodiscard]] std::string Stuck() {
    std::string text;
    for (const StuckRestore& stuck : restorer->Stuck()) {
      text += ToText(stuck.partition) + (stuck.awaiting == Awaiting::kOffsets   ? " awaits offsets"
                                         : stuck.awaiting == Awaiting::kMarkers ? " awaits markers"
                                         : stuck.awaiting == Awaiting::kPartitions
                                             ? " awaits partitions"
                                             : " awaits a broker");
    }
    return text;
  }
  bool IsStuckWithin(const std::string& how, milliseconds limit) {
    return tests::WaitUntil([&] { return Stuck() == how; }, limit);
  }

  bool RestoredWithin(std::size_t partitions, milliseconds limit) {
    return tests::WaitUntil(
        [&] {
          for (RestoredPartition& one : restorer->TakeRestored()) {
            restored[one.partition] = std::move(one);
          }
          return restored.size() == partitions;
        },
        limit);
  }
  bool Holds(std::int32_t partition, std::uint8_t number) {
    return restored.at(Partition(partition))
        .table.Holds(IdentityNumber(number), common::WallNow(), hours(24 * 365));
  }
  void WriteMarker(std::int32_t partition, std::uint8_t number, common::WallTime time,
                   common::RecordHeaders headers = {}) {
    bench.kafka().Produce(bench.topics().seen, {{.key = std::string(IdentityNumber(number).view()),
                                                 .value = "",
                                                 .headers = std::move(headers),
                                                 .timestamp_ms = time.time_since_epoch().count(),
                                                 .partition = partition}});
  }
  void WriteCallback(common::WallTime time) {
    bench.kafka().Produce(bench.topics().callbacks,
                          {{.key = "k",
                            .value = "v",
                            .timestamp_ms = time.time_since_epoch().count(),
                            .partition = 0}});
  }
  void CommitOffset(std::int64_t offset, const common::OffsetMetadata& metadata = {}) {
    Member member(bench, "committing");
    ASSERT_TRUE(member.PollUntilAssigned(2));
    Batch batch;
    batch.offsets = {{Partition(0), Offset(offset), metadata}};
    batch.membership = *member.source().Membership();
    const auto producer = bench.Producer("committing");
    ASSERT_EQ(RunTransaction(*producer, batch, Soon()).outcome, CommitOutcome::kCommitted);
  }

  ConsumerBench bench{2};
  LogLines lines;
  common::Logger log{"test", lines.sink()};
  std::unique_ptr<KafkaRestorer> restorer;
  std::map<Partition, RestoredPartition> restored;
};

TEST_F(KafkaRestorerTest, ReturnsBasisOfCommittedOffset) {
  const common::OffsetWitness last{Offset(0), common::WallNow() - hours(1)};
  WriteCallback(last.time);
  CommitOffset(1, {.partitions = 2, .last = last, .instance = "committing", .transaction = "4"});
  restorer->Restore({{Partition(0), Partition(1)}, 1});
  ASSERT_TRUE(RestoredWithin(2, seconds(20)));
  const common::OffsetMetadata& basis = restored.at(Partition(0)).basis;
  EXPECT_EQ(basis.last, last);
  EXPECT_EQ(basis.instance, bench.group() + "." + bench.group() + "-committing");
  EXPECT_GT(basis.transaction.size(), 15U) << "microseconds since the epoch";
  EXPECT_EQ(basis.partitions, 2);
  EXPECT_EQ(restored.at(Partition(1)).basis, common::OffsetMetadata{.partitions = 2})
      << "never committed";
}

TEST_F(KafkaRestorerTest, StartsAtBeginWhenCommittedOffsetIsAboveEnd) {
  WriteMarker(0, 1, common::WallNow() - hours(47));
  WriteCallback(common::WallNow());
  CommitOffset(5);
  restorer->Restore({{Partition(0)}, 1});
  ASSERT_TRUE(RestoredWithin(1, seconds(20)));
  EXPECT_EQ(restored.at(Partition(0)).start, Offset(0));
  EXPECT_EQ(restored.at(Partition(0)).committed, Offset(5));
  EXPECT_TRUE(restored.at(Partition(0)).went_back);
  EXPECT_TRUE(Holds(0, 1)) << "with every marker of the window";
}

TEST_F(KafkaRestorerTest, StartsAtBeginWhenLogHasAnotherRecordAtOffset) {
  for (int i = 0; i < 3; ++i) WriteCallback(common::WallNow() - minutes(5));
  CommitOffset(2, {.partitions = 2, .last = common::OffsetWitness{Offset(1), common::WallNow()}});
  restorer->Restore({{Partition(0)}, 1});
  ASSERT_TRUE(RestoredWithin(1, seconds(20)));
  EXPECT_EQ(restored.at(Partition(0)).start, Offset(0));
  EXPECT_TRUE(restored.at(Partition(0)).went_back);
  EXPECT_EQ(restored.at(Partition(0)).basis, common::OffsetMetadata{.partitions = 2});
}

TEST_F(KafkaRestorerTest, StartsAtBeginWhenOrdered) {
  for (int i = 0; i < 3; ++i) WriteCallback(common::WallNow());
  CommitOffset(2);
  restorer->Restore({.partitions = {Partition(0)}, .epoch = 1, .from_begin = {Partition(0)}});
  ASSERT_TRUE(RestoredWithin(1, seconds(20)));
  EXPECT_EQ(restored.at(Partition(0)).start, Offset(0));
  EXPECT_EQ(restored.at(Partition(0)).committed, Offset(2));
}

TEST_F(KafkaRestorerTest, StartsAtBeginAboveCommittedOffset) {
  for (int i = 0; i < 5; ++i) WriteCallback(common::WallNow());
  CommitOffset(1, {.last = common::OffsetWitness{Offset(0), common::WallNow()}});
  bench.kafka().DeleteRecords(bench.topics().callbacks, 0, 4);
  restorer->Restore({{Partition(0)}, 1});
  ASSERT_TRUE(RestoredWithin(1, seconds(20)));
  EXPECT_EQ(restored.at(Partition(0)).start, Offset(4));
  EXPECT_EQ(restored.at(Partition(0)).committed, Offset(1)) << "shows the loss";
  EXPECT_FALSE(restored.at(Partition(0)).went_back) << "an expired record cannot be compared";
}

TEST_F(KafkaRestorerTest, RestoresNothingWhilePartitionCountDiffers) {
  WriteCallback(common::WallNow());
  CommitOffset(1, {.partitions = 12});
  restorer->Restore({{Partition(1)}, 1});  // another partition's offset also shows the count
  const PartitionsChange change{12, 2};
  EXPECT_TRUE(tests::WaitUntil([&] { return restorer->Topic().change == change; }, seconds(20)));
  EXPECT_TRUE(IsStuckWithin("1 awaits partitions", kStuckAfter + seconds(10))) << Stuck();
  EXPECT_TRUE(restored.empty());
  CommitOffset(1, {.partitions = 2});
  EXPECT_TRUE(RestoredWithin(1, seconds(30)));
  EXPECT_EQ(restorer->Topic().change, std::nullopt);
}

TEST_F(KafkaRestorerTest, ReportsLogThatWentBackWhileRead) {
  const common::OffsetWitness last{Offset(2), common::WallNow()};
  for (int i = 0; i < 3; ++i) WriteCallback(last.time);
  restorer->Restore({{Partition(0), Partition(1)}, 1});
  ASSERT_TRUE(RestoredWithin(2, seconds(20)));
  const auto bounds = [&](Partition partition) {
    std::optional<LogBounds> found;
    EXPECT_TRUE(tests::WaitUntil(
        [&] {
          for (const LogBounds& one : restorer->TakeBounds()) {
            if (one.partition == partition) found = one;
          }
          return found.has_value();
        },
        seconds(30)));
    return found.value_or(LogBounds());
  };
  restorer->Watch({.member_id = "",
                   .positions = {{Partition(0), {Offset(3), last}}, {Partition(1), {Offset(0)}}}});
  EXPECT_FALSE(bounds(Partition(0)).went_back);
  bench.kafka().RecreateTopic(bench.topics().callbacks, {2});
  for (int i = 0; i < 5; ++i) WriteCallback(common::WallNow());
  // By now the reader may have read on in the new log without noticing.
  restorer->Watch({.member_id = "",
                   .positions = {{Partition(0),
                                  {Offset(5), common::OffsetWitness{Offset(4), common::WallNow()}}},
                                 {Partition(1), {Offset(0)}}}});
  EXPECT_TRUE(tests::WaitUntil([&] { return bounds(Partition(0)).went_back; }, seconds(30)));
}

// Both the position and its last record are of the log as it is now.
TEST_F(KafkaRestorerTest, ReportsLogWithoutTheRecordBeforeAPause) {
  const common::OffsetWitness old{Offset(2), common::WallNow() - seconds(5)};
  for (int i = 0; i < 3; ++i) WriteCallback(common::WallNow());
  const common::OffsetWitness last{Offset(3), common::WallNow()};
  WriteCallback(last.time);
  restorer->Restore({{Partition(0)}, 1});
  ASSERT_TRUE(RestoredWithin(1, seconds(20)));
  const auto look = [&](const std::vector<common::OffsetWitness>& unchecked,
                        const std::function<bool(const LogBounds&)>& is_awaited) {
    restorer->Watch({.member_id = "",
                     .positions = {{Partition(0), {Offset(4), last}}},
                     .unchecked = {{Partition(0), unchecked}}});
    return tests::WaitUntil([&] { return std::ranges::any_of(restorer->TakeBounds(), is_awaited); },
                            seconds(30));
  };
  EXPECT_TRUE(look({last}, [&](const LogBounds& one) {
    return !one.went_back && one.checked == std::vector{last};
  }));
  EXPECT_TRUE(look({last, old}, [](const LogBounds& one) { return one.went_back; }));
}

TEST_F(KafkaRestorerTest, RestoresEmptyPartitionsAtBegin) {
  restorer->Restore({{Partition(0), Partition(1)}, 4});
  ASSERT_TRUE(RestoredWithin(2, seconds(20)));
  EXPECT_EQ(restored.at(Partition(0)).start, Offset(0));
  EXPECT_EQ(restored.at(Partition(1)).table.size(), 0U);
  EXPECT_EQ(restored.at(Partition(1)).epoch, 4U);
}

TEST_F(KafkaRestorerTest, FindsMarkersOfEachPartition) {
  WriteMarker(0, 1, common::WallNow() - hours(3));
  WriteMarker(0, 2, common::WallNow());
  WriteMarker(1, 3, common::WallNow());
  restorer->Restore({{Partition(0), Partition(1)}, 1});
  ASSERT_TRUE(RestoredWithin(2, seconds(20)));
  EXPECT_TRUE(Holds(0, 1));
  EXPECT_TRUE(Holds(0, 2));
  EXPECT_FALSE(Holds(0, 3));
  EXPECT_TRUE(Holds(1, 3));
}

TEST_F(KafkaRestorerTest, ReportsTimeOfLatestPublishedCallback) {
  const common::WallTime published = common::WallNow() - hours(2);
  WriteMarker(0, 1, published, common::MarkerHeaders(common::MarkerOutcome::kPublished));
  WriteMarker(0, 2, published - hours(1), common::MarkerHeaders(common::MarkerOutcome::kPublished));
  WriteMarker(0, 3, published + hours(1), common::MarkerHeaders(common::MarkerOutcome::kDead));
  restorer->Restore({{Partition(0), Partition(1)}, 1});
  ASSERT_TRUE(RestoredWithin(2, seconds(20)));
  EXPECT_EQ(restored.at(Partition(0)).published_until, published);
  EXPECT_EQ(restored.at(Partition(1)).published_until, std::nullopt);
}

TEST_F(KafkaRestorerTest, ReadsMarkersFromWindowBeforeFirstUnhandledRecord) {
  const common::WallTime now = common::WallNow();
  // Handled long ago; then a backlog that begins 100 h ago.
  WriteCallback(now - hours(200));
  WriteCallback(now - hours(100));
  WriteCallback(now - minutes(1));
  CommitOffset(1);
  WriteMarker(0, 1, now - hours(200));
  WriteMarker(0, 2, now - hours(140));  // within the window of the record 100 h ago
  WriteMarker(0, 3, now - hours(130));
  restorer->Restore({{Partition(0)}, 1});
  ASSERT_TRUE(RestoredWithin(1, seconds(20)));
  EXPECT_EQ(restored.at(Partition(0)).start, Offset(1));
  EXPECT_FALSE(Holds(0, 1)) << "too old to matter";
  EXPECT_TRUE(Holds(0, 2)) << "older than now - window, but the backlog is older too";
  EXPECT_TRUE(Holds(0, 3));
}

TEST_F(KafkaRestorerTest, ReadsMarkersFromWindowBeforeLastRecordWithoutBacklog) {
  const common::WallTime now = common::WallNow();
  WriteCallback(now - hours(100));
  WriteCallback(now - hours(10));
  CommitOffset(2);
  WriteMarker(0, 1, now - hours(100));
  WriteMarker(0, 2, now - hours(50));
  restorer->Restore({{Partition(0)}, 1});
  ASSERT_TRUE(RestoredWithin(1, seconds(20)));
  EXPECT_FALSE(Holds(0, 1));
  EXPECT_TRUE(Holds(0, 2)) << "our clock may be wrong; the next record is later than the last one";
}

TEST_F(KafkaRestorerTest, FindsMarkersDespiteRecordFromFuture) {
  const common::WallTime now = common::WallNow();
  WriteCallback(now + minutes(50));
  WriteMarker(0, 1, now - hours(48));
  restorer->Restore({{Partition(0)}, 1});
  ASSERT_TRUE(RestoredWithin(1, seconds(20)));
  EXPECT_TRUE(Holds(0, 1));
}

TEST_F(KafkaRestorerTest, WaitsForMarkersOfOpenTransaction) {
  const auto predecessor = bench.Producer("predecessor");
  ASSERT_TRUE(predecessor->Begin().has_value());
  ASSERT_TRUE(predecessor->Produce(ConsumerBench::MarkerRecord(0, 9), 0).has_value());
  ASSERT_TRUE(predecessor->Flush(Soon()).has_value());
  restorer->Restore({{Partition(0), Partition(1)}, 1});
  ASSERT_TRUE(RestoredWithin(1, seconds(20))) << "the other partition does not wait";
  EXPECT_TRUE(restored.contains(Partition(1)));
  EXPECT_FALSE(RestoredWithin(2, milliseconds(1'000)));
  ASSERT_TRUE(predecessor->Commit(Soon()).has_value());
  ASSERT_TRUE(RestoredWithin(2, seconds(20)));
  EXPECT_TRUE(Holds(0, 9));
}

TEST_F(KafkaRestorerTest, WaitsForOffsetsOfOpenTransaction) {
  Member member(bench, "predecessor");
  ASSERT_TRUE(member.PollUntilAssigned(2));
  const auto predecessor = bench.Producer("predecessor");
  ASSERT_TRUE(predecessor->Begin().has_value());
  const std::vector<PartitionOffset> offsets = {{Partition(0), Offset(0)}};  // A1: not moved
  ASSERT_TRUE(predecessor->SendOffsets(offsets, *member.source().Membership(), Soon()).has_value());
  restorer->Restore({{Partition(0)}, 1});
  EXPECT_FALSE(RestoredWithin(1, milliseconds(1'500)));
  // The markers are written only now, which is possible: librdkafka does not wait for them before
  // it sends offsets.
  ASSERT_TRUE(predecessor->Produce(ConsumerBench::MarkerRecord(0, 9), 0).has_value());
  ASSERT_TRUE(predecessor->Commit(Soon()).has_value());
  ASSERT_TRUE(RestoredWithin(1, seconds(20)));
  EXPECT_TRUE(Holds(0, 9));
}

TEST_F(KafkaRestorerTest, IgnoresMarkersOfAbortedTransaction) {
  const auto predecessor = bench.Producer("predecessor");
  ASSERT_TRUE(predecessor->Begin().has_value());
  ASSERT_TRUE(predecessor->Produce(ConsumerBench::MarkerRecord(0, 9), 0).has_value());
  ASSERT_TRUE(predecessor->Flush(Soon()).has_value());
  ASSERT_TRUE(predecessor->Abort(Soon()).has_value());
  restorer->Restore({{Partition(0)}, 1});
  ASSERT_TRUE(RestoredWithin(1, seconds(20)));
  EXPECT_FALSE(Holds(0, 9));
}

TEST_F(KafkaRestorerTest, ReplacesEarlierOrder) {
  const auto predecessor = bench.Producer("predecessor");
  ASSERT_TRUE(predecessor->Begin().has_value());
  ASSERT_TRUE(predecessor->Produce(ConsumerBench::MarkerRecord(0, 9), 0).has_value());
  ASSERT_TRUE(predecessor->Flush(Soon()).has_value());
  restorer->Restore({{Partition(0)}, 1});
  restorer->Restore({{Partition(1)}, 2});
  ASSERT_TRUE(RestoredWithin(1, seconds(20)));
  EXPECT_EQ(restored.at(Partition(1)).epoch, 2U);
  ASSERT_TRUE(predecessor->Commit(Soon()).has_value());
  EXPECT_FALSE(RestoredWithin(2, milliseconds(500)));
}

TEST_F(KafkaRestorerTest, ReportsEndsOfLog) {
  WriteCallback(common::WallNow());
  restorer->Restore({{Partition(0), Partition(1)}, 1});
  std::map<Partition, Offset> ends;
  EXPECT_TRUE(tests::WaitUntil(
      [&] {
        for (const LogBounds& bounds : restorer->TakeBounds()) ends[bounds.partition] = bounds.end;
        return ends.size() == 2;
      },
      seconds(20)));
  EXPECT_EQ(ends.at(Partition(0)), Offset(1));
  EXPECT_EQ(ends.at(Partition(1)), Offset(0));
}

TEST_F(KafkaRestorerTest, ReportsPartitionHeldUpByHangingOffset) {
  Member member(bench, "predecessor");
  ASSERT_TRUE(member.PollUntilAssigned(2));
  const auto predecessor = bench.Producer("predecessor");
  ASSERT_TRUE(predecessor->Begin().has_value());
  const std::vector<PartitionOffset> offsets = {{Partition(1), Offset(0)}};
  ASSERT_TRUE(predecessor->SendOffsets(offsets, *member.source().Membership(), Soon()).has_value());
  WriteCallback(common::WallNow());
  restorer->Restore({{Partition(0), Partition(1)}, 1});
  ASSERT_TRUE(RestoredWithin(1, seconds(20))) << "the other partition does not wait";
  EXPECT_TRUE(restored.contains(Partition(0)));
  EXPECT_TRUE(IsStuckWithin("1 awaits offsets", seconds(20))) << Stuck();
  EXPECT_TRUE(lines.Await("\"open_in\":\"__consumer_offsets\"", seconds(20))) << lines.text();
  ASSERT_TRUE(predecessor->Commit(Soon()).has_value());
  ASSERT_TRUE(RestoredWithin(2, seconds(20)));
  EXPECT_EQ(Stuck(), "");
}

// To end a forgotten transaction as committed, the operator's command or consumer writes copies
// behind it, before its own end.
TEST_F(KafkaRestorerTest, ReadsMarkersThatWereCommittedBehindATransactionThatItAwaits) {
  const auto predecessor = bench.Producer("predecessor");
  ASSERT_TRUE(predecessor->Begin().has_value());
  ASSERT_TRUE(predecessor->Produce(ConsumerBench::MarkerRecord(0, 9), 0).has_value());
  ASSERT_TRUE(predecessor->Flush(Soon()).has_value());
  restorer->Restore({{Partition(0)}, 1});
  ASSERT_TRUE(IsStuckWithin("0 awaits markers", seconds(20))) << Stuck();
  const auto repair = bench.Producer("repair");
  ASSERT_TRUE(repair->Begin().has_value());
  ASSERT_TRUE(repair->Produce(ConsumerBench::MarkerRecord(0, 8), 0).has_value());
  ASSERT_TRUE(repair->Flush(Soon()).has_value());
  ASSERT_TRUE(repair->Commit(Soon()).has_value());
  ASSERT_TRUE(predecessor->Abort(Soon()).has_value());
  ASSERT_TRUE(RestoredWithin(1, seconds(20)));
  EXPECT_TRUE(Holds(0, 8)) << "the copy";
  EXPECT_FALSE(Holds(0, 9));
}

TEST_F(KafkaRestorerTest, ReportsOffsetOfHangingTransactionWithMarkers) {
  WriteMarker(0, 8, common::WallNow());
  const auto predecessor = bench.Producer("predecessor");
  ASSERT_TRUE(predecessor->Begin().has_value());
  ASSERT_TRUE(predecessor->Produce(ConsumerBench::MarkerRecord(0, 9), 0).has_value());
  ASSERT_TRUE(predecessor->Flush(Soon()).has_value());
  restorer->Restore({{Partition(0)}, 1});
  EXPECT_TRUE(IsStuckWithin("0 awaits markers", seconds(20))) << Stuck();
  EXPECT_TRUE(lines.Await("\"open_at\":1", seconds(20))) << lines.text();
  ASSERT_TRUE(predecessor->Abort(Soon()).has_value());
  ASSERT_TRUE(RestoredWithin(1, seconds(20)));
  EXPECT_EQ(Stuck(), "");
  EXPECT_TRUE(Holds(0, 8));
}

// Nobody reads until the restore ends, and slow brokers answer each request of a look late.
TEST_F(KafkaRestorerTest, RestoresBeforeItLooksAtTheLogs) {
  restorer->Restore({{Partition(0), Partition(1)}, 1});
  bool has_looked_first = false;
  ASSERT_TRUE(tests::WaitUntil(
      [&] {
        if (!restorer->TakeRestored().empty()) return true;
        if (restorer->TakeBounds().empty()) return false;
        has_looked_first = restorer->TakeRestored().empty();
        return true;
      },
      seconds(20)));
  EXPECT_FALSE(has_looked_first);
}

// As `sluicectl topics raise` leaves it: everything is handled, and the group has no offset.
TEST_F(KafkaRestorerTest, ForgetsFormerPartitionCountWithANewAssignment) {
  restorer->Restore({{Partition(0), Partition(1)}, 1});
  ASSERT_TRUE(RestoredWithin(2, seconds(20)));
  for (const std::string& topic :
       {bench.topics().callbacks, bench.topics().seen, bench.topics().processes}) {
    bench.kafka().AddPartitions(topic, 3);
  }
  restored.clear();
  restorer->Restore({{Partition(0), Partition(1), Partition(2)}, 2});
  EXPECT_TRUE(RestoredWithin(3, seconds(30))) << Stuck();
  EXPECT_EQ(restorer->Topic().change, std::nullopt);
}

/// An attempt that reads the markers 1 and 2 of partition 0, and waits for the transaction behind.
class InterruptedRestore : public KafkaRestorerTest {
 protected:
  InterruptedRestore() {
    WriteMarker(0, 1, common::WallNow());
    WriteMarker(0, 2, common::WallNow());
    EXPECT_TRUE(predecessor->Begin().has_value());
    EXPECT_TRUE(predecessor->Produce(ConsumerBench::MarkerRecord(0, 9), 0).has_value());
    EXPECT_TRUE(predecessor->Flush(Soon()).has_value());
    restorer->Restore({{Partition(0)}, 1});
    EXPECT_TRUE(IsStuckWithin("0 awaits markers", seconds(20))) << Stuck();
  }
  /// The log of the markers begins at this offset from now on; then the partition is ordered again.
  void OrderAgain(std::int64_t begin, RestoreOrder order) {
    bench.kafka().DeleteRecords(bench.topics().seen, 0, begin);
    restorer->Restore(std::move(order));
    // Else the first attempt may still come to its end, and leave more than that.
    EXPECT_TRUE(IsStuckWithin("0 awaits markers", seconds(20))) << Stuck();
    EXPECT_TRUE(predecessor->Commit(Soon()).has_value());
    EXPECT_TRUE(RestoredWithin(1, seconds(20)));
    EXPECT_TRUE(Holds(0, 9));
  }
  std::unique_ptr<TransactionalProducer> predecessor = bench.Producer("predecessor");
};

TEST_F(InterruptedRestore, IsReadOnWhereItEnded) {
  OrderAgain(1, {{Partition(0)}, 2});
  EXPECT_TRUE(Holds(0, 1)) << "as read by the first attempt";
  EXPECT_TRUE(Holds(0, 2));
}

TEST_F(InterruptedRestore, BeginsAnewIfItsLastRecordIsGone) {
  OrderAgain(2, {{Partition(0)}, 2});
  EXPECT_FALSE(Holds(0, 1));
  EXPECT_FALSE(Holds(0, 2));
}

TEST_F(InterruptedRestore, BeginsAnewAfterTheLogWentBack) {
  OrderAgain(1, {.partitions = {Partition(0)}, .epoch = 2, .from_begin = {Partition(0)}});
  EXPECT_FALSE(Holds(0, 1));
}

TEST_F(KafkaRestorerTest, KeepsMarkersThatTheLaneHasNotTaken) {
  WriteMarker(0, 1, common::WallNow());
  WriteMarker(0, 2, common::WallNow());
  restorer->Restore({{Partition(0)}, 1});
  pollfd handed_over{restorer->fd(), POLLIN, 0};
  ASSERT_EQ(poll(&handed_over, 1, 20'000), 1);
  bench.kafka().DeleteRecords(bench.topics().seen, 0, 1);
  restorer->Restore({{Partition(0)}, 2});
  ASSERT_TRUE(RestoredWithin(1, seconds(20)));
  EXPECT_EQ(restored.at(Partition(0)).epoch, 2U);
  EXPECT_TRUE(Holds(0, 1));
  EXPECT_TRUE(Holds(0, 2));
}

}  // namespace
}  // namespace consumer
