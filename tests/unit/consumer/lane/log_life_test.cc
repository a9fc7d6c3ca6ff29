#include "consumer/lane/log_life.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <ostream>

#include "tests/unit/consumer/lane/lane_bench.h"

namespace consumer {
namespace {

using common::OffsetWitness;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

OffsetWitness Record(std::int64_t offset, int time = 1) {
  return {Offset(offset), common::WallTime(milliseconds(time))};
}

struct LifeCase {
  const char* name;
  ReadPosition position;
  LogView log;
  bool went_back;
};
void PrintTo(const LifeCase& c, std::ostream* out) { *out << c.name; }

class WentBackTable : public ::testing::TestWithParam<LifeCase> {};

TEST_P(WentBackTable, DetectsTruncatedOrReplacedLog) {
  EXPECT_EQ(WentBack(GetParam().position, GetParam().log), GetParam().went_back);
}

INSTANTIATE_TEST_SUITE_P(
    Table, WentBackTable,
    ::testing::Values(
        LifeCase{"NothingRead", {Offset(0)}, {Offset(0), Offset(0)}, false},
        LifeCase{"AtTheEnd", {Offset(7)}, {Offset(0), Offset(7)}, false},
        LifeCase{"BelowTheEnd", {Offset(7)}, {Offset(0), Offset(9)}, false},
        LifeCase{"AboveTheEnd", {Offset(7)}, {Offset(0), Offset(6)}, true},
        LifeCase{"EmptyLog", {Offset(7)}, {Offset(0), Offset(0)}, true},
        LifeCase{"SameRecord", {Offset(7), Record(6)}, {Offset(0), Offset(9), Record(6)}, false},
        LifeCase{"SameRecordAtThePosition",
                 {Offset(7), Record(7)},
                 {Offset(0), Offset(9), Record(7)},
                 false},
        LifeCase{"RecordOfAnotherTime",
                 {Offset(7), Record(6)},
                 {Offset(0), Offset(9), Record(6, 2)},
                 true},
        LifeCase{"NoRecordThere", {Offset(7), Record(6)}, {Offset(0), Offset(9), Record(8)}, true},
        LifeCase{"NoRecordThereOrLater", {Offset(7), Record(6)}, {Offset(0), Offset(9)}, true},
        LifeCase{"RecordAtThePositionIsGone", {Offset(7), Record(7)}, {Offset(0), Offset(7)}, true},
        LifeCase{"RecordExpired", {Offset(7), Record(6)}, {Offset(8), Offset(9)}, false},
        LifeCase{"RecordWithoutATime",
                 {Offset(7), Record(6)},
                 {Offset(0), Offset(9), Record(6, 0)},
                 false},
        LifeCase{"ControlRecordsBehindTheRecord",
                 {Offset(7), Record(3)},
                 {Offset(0), Offset(7), Record(3)},
                 false}),
    [](const auto& tested) { return std::string(tested.param.name); });

class LaneLogLife : public ::testing::Test {
 protected:
  /// Reads and publishes callbacks p0, p1 and p2 of partition 0, and q0 of partition 1.
  void PublishSome() {
    for (const char* process : {"p0", "p1", "p2"}) bench.Arrives(0, process);
    bench.Arrives(1, "q0");
    bench.AssignAndRestore({0, 1});
    Finish();
  }
  void Finish() {
    bench.Turn();
    bench.fetcher.FinishAll();
    bench.Turn();
  }
  LaneBench bench;
};

TEST_F(LaneLogLife, ReadsAgainFromItsPositionsAfterStandingStillForASecond) {
  PublishSome();
  bench.source.seeks.clear();
  bench.Pass(milliseconds(999));
  EXPECT_THAT(bench.source.seeks, IsEmpty());
  bench.Pass(seconds(1));
  EXPECT_THAT(bench.source.seeks,
              ElementsAre(std::pair(Partition(0), Offset(3)), std::pair(Partition(1), Offset(1))));
  bench.Pass(seconds(1));
  EXPECT_THAT(bench.source.seeks, SizeIs(2)) << "seeking itself may have taken that second";
}

// It is restored: the committed offset says nothing about the new log.
TEST_F(LaneLogLife, HasTheWholeNewLogAsLagUntilItIsRead) {
  PublishSome();
  bench.restorer.is_waiting = true;
  bench.restorer.bounds = {{.partition = Partition(0), .end = Offset(3), .went_back = true},
                           {.partition = Partition(1), .end = Offset(1)}};
  bench.Turn();
  bench.restorer.bounds = {{.partition = Partition(0), .end = Offset(3), .committed = Offset(3)},
                           {.partition = Partition(1), .end = Offset(1)}};
  bench.Pass(seconds(1));
  EXPECT_EQ(bench.events.gauges.lag, 3);
}

TEST_F(LaneLogLife, HasTheWholeNewLogAsLagWithANewAssignment) {
  PublishSome();
  bench.restorer.is_waiting = true;
  bench.source.Assign({0, 1});
  bench.Turn();
  bench.restorer.bounds = {
      {.partition = Partition(0), .end = Offset(3), .went_back = true, .committed = Offset(3)},
      {.partition = Partition(1), .end = Offset(1), .committed = Offset(1)}};
  bench.Pass(seconds(1));
  EXPECT_EQ(bench.events.gauges.lag, 3);
}

TEST_F(LaneLogLife, TakesNoLookFromBeforeTheEndOfItsRestoreForAnotherLog) {
  PublishSome();
  const std::size_t orders = bench.restorer.asked.size();
  bench.restorer.bounds = {
      {.partition = Partition(0), .end = Offset(3), .went_back = true, .committed = Offset(3)}};
  bench.Turn();
  EXPECT_EQ(bench.restorer.asked.size(), orders);
  EXPECT_THAT(bench.events.lost, IsEmpty());
}

TEST_F(LaneLogLife, WatchesLastReadRecord) {
  PublishSome();
  bench.Pass(seconds(1));
  ASSERT_TRUE(bench.restorer.watched.contains(Partition(0)));
  EXPECT_EQ(bench.restorer.watched[Partition(0)].next, Offset(3));
  EXPECT_EQ(bench.restorer.watched[Partition(0)].last,
            (OffsetWitness{Offset(2), LaneBench::Time(0)}));
}

// A successor compares that record with the log. It finds what this lane cannot report any more.
TEST_F(LaneLogLife, CommitsRecordsBeforePausesUntilALookHasFoundThem) {
  const auto record_at = [](std::int64_t offset) {
    return OffsetWitness{Offset(offset), LaneBench::Time(0)};
  };
  const auto committed = [&]() -> const common::OffsetMetadata& {
    return bench.kafka.metadata.at(Partition(0));
  };
  PublishSome();
  EXPECT_THAT(committed().unchecked, IsEmpty());
  for (const char* process : {"p3", "p4"}) {
    bench.Pass(seconds(2));
    bench.Arrives(0, process);
    Finish();
  }
  EXPECT_EQ(committed().last, record_at(4));
  EXPECT_THAT(committed().unchecked, ElementsAre(record_at(2), record_at(3)));
  bench.Pass(milliseconds(250));
  EXPECT_THAT(bench.restorer.unchecked[Partition(0)], ElementsAre(record_at(2), record_at(3)));
  bench.restorer.bounds = {
      {.partition = Partition(0), .end = Offset(5), .checked = {record_at(2)}}};
  bench.Arrives(0, "p5");
  Finish();
  EXPECT_EQ(committed().last, record_at(5));
  EXPECT_THAT(committed().unchecked, ElementsAre(record_at(3)));
}

// A successor reads the record before the pause again.
TEST_F(LaneLogLife, CommitsNoRecordBeforeAPauseAboveTheOffset) {
  PublishSome();
  for (const char* process : {"slow", "p4"}) bench.Arrives(0, process);
  bench.Turn();
  ASSERT_TRUE(bench.fetcher.Finish("p4"));
  bench.Pass(seconds(2));
  bench.Arrives(0, "p5");
  bench.Turn();
  ASSERT_TRUE(bench.fetcher.Finish("p5"));
  bench.Turn();
  EXPECT_EQ(bench.kafka.committed.at(Partition(0)), Offset(3));
  EXPECT_EQ(bench.kafka.metadata.at(Partition(0)).last,
            (OffsetWitness{Offset(3), LaneBench::Time(0)}));
  EXPECT_THAT(bench.kafka.metadata.at(Partition(0)).unchecked, IsEmpty());
}

TEST_F(LaneLogLife, ReadsLogThatWentBackFromBeginAndPublishesOnlyNewCallbacks) {
  PublishSome();
  bench.kafka.callbacks[Partition(0)].clear();
  bench.Arrives(0, "p1");  // redelivered
  bench.Arrives(0, "new");
  bench.restorer.bounds = {{.partition = Partition(0), .end = Offset(2), .went_back = true},
                           {.partition = Partition(1), .end = Offset(1)}};
  Finish();
  EXPECT_THAT(bench.events.lost, ElementsAre("partition 0 went back from 3 to 0"));
  EXPECT_THAT(bench.Published(), ElementsAre("p0", "p1", "p2", "q0", "new"));
  EXPECT_EQ(bench.kafka.committed.at(Partition(0)), Offset(2));
  EXPECT_EQ(bench.kafka.committed.at(Partition(1)), Offset(1)) << "kept";
}

TEST_F(LaneLogLife, CommitsNewPositionOfEmptyLogThatWentBack) {
  PublishSome();
  bench.kafka.callbacks[Partition(0)].clear();
  bench.restorer.bounds = {{.partition = Partition(0), .end = Offset(0), .went_back = true}};
  Finish();
  EXPECT_EQ(bench.kafka.committed.at(Partition(0)), Offset(0))
      << "otherwise the next restart detects it again";
}

// The restorer continues while the lane waits for the committer before its next order.
TEST_F(LaneLogLife, IgnoresRestoreReplacedBecauseLogWentBack) {
  PublishSome();
  const Epoch ended = bench.restorer.epoch();
  bench.committer.is_hanging = true;
  bench.Arrives(0, "p3");
  Finish();
  bench.restorer.bounds = {{.partition = Partition(0), .end = Offset(4), .went_back = true}};
  bench.Turn();
  RestoredPartition late;
  late.epoch = ended;
  late.partition = Partition(0);
  late.committed = late.start = Offset(4);
  bench.restorer.stale.push_back(std::move(late));
  bench.Arrives(0, "p4");
  bench.Turn();
  EXPECT_THAT(bench.fetcher.jobs, IsEmpty()) << "its offset would be passed by the next restore";
  bench.committer.is_hanging = false;
  Finish();
  Finish();
  EXPECT_THAT(bench.Published(), ElementsAre("p0", "p1", "p2", "q0", "p3", "p4"));
  EXPECT_EQ(bench.kafka.committed.at(Partition(0)), Offset(5));
}

TEST_F(LaneLogLife, ContinuesOtherPartitionsWhileOneIsRestored) {
  PublishSome();
  bench.Arrives(0, "lost");
  bench.Arrives(1, "q1");
  bench.Turn();
  bench.kafka.callbacks[Partition(0)].clear();
  bench.Arrives(0, "new");
  bench.restorer.is_waiting = true;
  const int pauses = bench.source.pauses;
  bench.restorer.bounds = {{.partition = Partition(0), .end = Offset(1), .went_back = true}};
  bench.Turn();
  EXPECT_THAT(bench.restorer.asked.back(), ElementsAre(Partition(0)));
  EXPECT_THAT(bench.restorer.running, ElementsAre(Partition(1)));
  EXPECT_EQ(bench.source.pauses, pauses + 1);
  EXPECT_THAT(bench.source.paused, ElementsAre(Partition(0)));
  EXPECT_TRUE(bench.fetcher.Finish("q1")) << "callbacks in hand of the other partition stay";
  bench.Arrives(1, "q2");
  bench.Turn();
  bench.fetcher.FinishAll();
  bench.Turn();
  EXPECT_THAT(bench.Published(), ElementsAre("p0", "p1", "p2", "q0", "q1", "q2"));
  EXPECT_EQ(bench.kafka.committed.at(Partition(1)), Offset(3));
  bench.restorer.is_waiting = false;
  Finish();
  EXPECT_THAT(bench.Published(), ElementsAre("p0", "p1", "p2", "q0", "q1", "q2", "new"));
}

// Replacing the client would not help, and would stop the other partitions.
TEST_F(LaneLogLife, KeepsClientWhileRecordsWaitBehindOpenTransaction) {
  PublishSome();
  for (int i = 0; i < 100; ++i) {
    bench.restorer.bounds = {{.partition = Partition(0), .end = Offset(9), .readable = Offset(3)},
                             {.partition = Partition(1), .end = Offset(1)}};
    bench.Pass(seconds(5));
  }
  EXPECT_THAT(bench.events.stalls, IsEmpty());
  EXPECT_EQ(bench.source.renewals, 0);
  EXPECT_EQ(bench.events.gauges.lag, 6) << "the lag counts all the same";
}

// The client has stopped there for good. The restore compares the committed offset with the log.
TEST_F(LaneLogLife, ReplacesClientWhenALogRefusesThePosition) {
  PublishSome();
  bench.kafka.begins[Partition(0)] = Offset(5);
  for (const char* process : {"p3", "p4", "p5"}) bench.Arrives(0, process);
  bench.source.Refuse(Partition(0));
  bench.Turn();
  EXPECT_EQ(bench.source.renewals, 1);
  EXPECT_EQ(bench.source.fresh_names, 0);
  bench.AssignAndRestore({0, 1});
  Finish();
  EXPECT_EQ(bench.source.renewals, 1);
  EXPECT_THAT(bench.events.lost, ElementsAre("partition 0 expired from 3 to 5"));
  EXPECT_THAT(bench.Published(), ElementsAre("p0", "p1", "p2", "q0", "p5"));
}

TEST_F(LaneLogLife, ReplacesClientThatRefusesAPositionDuringTheRestore) {
  PublishSome();
  bench.restorer.is_waiting = true;
  bench.restorer.bounds = {{.partition = Partition(0), .end = Offset(3), .went_back = true}};
  bench.Turn();
  bench.source.Refuse(Partition(0));
  bench.Turn();
  EXPECT_EQ(bench.source.renewals, 1) << "it could not seek";
  bench.restorer.is_waiting = false;
  bench.AssignAndRestore({0, 1});
  bench.source.Refuse(Partition(0));
  bench.Turn();
  EXPECT_EQ(bench.source.renewals, 1) << "it has only just been replaced";
  bench.Pass(seconds(10));
  EXPECT_EQ(bench.source.renewals, 2);
}

TEST_F(LaneLogLife, DropsCallbacksInHandOfLogThatWentBack) {
  PublishSome();
  bench.Arrives(0, "gone");
  bench.Turn();
  ASSERT_EQ(bench.fetcher.jobs.size(), 1U);
  bench.kafka.callbacks[Partition(0)].clear();
  bench.Arrives(0, "new");
  bench.restorer.bounds = {{.partition = Partition(0), .end = Offset(1), .went_back = true}};
  Finish();
  EXPECT_THAT(bench.Published(), ElementsAre("p0", "p1", "p2", "q0", "new"));
}

TEST_F(LaneLogLife, ReportsOffsetsExpiredBeforeRestoreAndCommitsPastThem) {
  for (int i = 0; i < 5; ++i) bench.Arrives(0, "p" + std::to_string(i));
  bench.kafka.committed[Partition(0)] = Offset(1);
  bench.kafka.begins[Partition(0)] = Offset(5);
  bench.AssignAndRestore({0});
  EXPECT_THAT(bench.events.lost, ElementsAre("partition 0 expired from 1 to 5"));
  EXPECT_EQ(bench.kafka.committed.at(Partition(0)), Offset(5))
      << "otherwise each restart reports it again";
}

TEST_F(LaneLogLife, SkipsAndReportsOffsetsExpiredWhilePaused) {
  PublishSome();
  bench.fetcher.is_breaker_open = true;
  bench.Turn();
  for (const char* process : {"p3", "p4", "p5"}) bench.Arrives(0, process);
  bench.restorer.bounds = {{.partition = Partition(0), .begin = Offset(5), .end = Offset(6)}};
  bench.Turn();
  EXPECT_THAT(bench.events.lost, ElementsAre("partition 0 expired from 3 to 5"));
  bench.restorer.bounds = {{.partition = Partition(0), .begin = Offset(5), .end = Offset(6)}};
  bench.Turn();
  EXPECT_EQ(bench.events.lost.size(), 1U) << "reported once";
  bench.fetcher.is_breaker_open = false;
  Finish();
  EXPECT_THAT(bench.Published(), ElementsAre("p0", "p1", "p2", "q0", "p5"));
}

TEST_F(LaneLogLife, ReportsOffsetsExpiredWhileReadingOnceBeginIsKnown) {
  PublishSome();
  for (const char* process : {"p3", "p4", "p5"}) bench.Arrives(0, process);
  auto& log = bench.kafka.callbacks[Partition(0)];
  log.erase(log.begin() + 3, log.begin() + 5);  // the client continues at the new begin
  bench.Turn();
  EXPECT_THAT(bench.events.lost, IsEmpty()) << "a gap alone is no loss";
  bench.restorer.bounds = {
      {.partition = Partition(0), .begin = Offset(2), .end = Offset(6)}};  // looked up before
  bench.Turn();
  EXPECT_THAT(bench.events.lost, IsEmpty());
  bench.restorer.bounds = {{.partition = Partition(0), .begin = Offset(5), .end = Offset(6)}};
  bench.Turn();
  EXPECT_THAT(bench.events.lost, ElementsAre("partition 0 expired from 3 to 5"));
}

// The brokers do not answer for long.
TEST_F(LaneLogLife, ReportsExpiredOffsetsHoweverLateTheNextLookIs) {
  PublishSome();
  for (const char* process : {"p3", "p4"}) bench.Arrives(0, process);
  auto& log = bench.kafka.callbacks[Partition(0)];
  log.erase(log.begin() + 3);
  bench.Turn();
  for (int i = 0; i < 120; ++i) bench.Pass(milliseconds(500));
  bench.Arrives(0, "p6");
  log.back().offset = Offset(6);
  bench.Turn();
  EXPECT_THAT(bench.events.lost, IsEmpty()) << "nobody has looked since";
  bench.restorer.bounds = {
      {.partition = Partition(0), .begin = Offset(6), .end = Offset(7), .looked_up_at = bench.now}};
  bench.Turn();
  EXPECT_THAT(bench.events.lost,
              ElementsAre("partition 0 expired from 3 to 4", "partition 0 expired from 5 to 6"));
}

TEST_F(LaneLogLife, ReportsExpiredOffsetsIfPartitionIsReadAgainBeforeTheNextLook) {
  PublishSome();
  for (const char* process : {"p3", "p4"}) bench.Arrives(0, process);
  auto& log = bench.kafka.callbacks[Partition(0)];
  log.erase(log.begin() + 3);
  Finish();
  ASSERT_EQ(bench.kafka.committed.at(Partition(0)), Offset(5)) << "beyond the gap";
  bench.Arrives(0, "p5");
  log.back().offset = Offset(5);
  bench.Turn();
  bench.committer.script = {{CommitOutcome::kUnknown, true}};
  Finish();
  Finish();
  ASSERT_THAT(bench.restorer.asked.back(), ElementsAre(Partition(0)));
  bench.restorer.bounds = {
      {.partition = Partition(0), .begin = Offset(4), .end = Offset(6), .looked_up_at = bench.now}};
  bench.Turn();
  EXPECT_THAT(bench.events.lost, ElementsAre("partition 0 expired from 3 to 4")) << "once";
}

TEST_F(LaneLogLife, IgnoresGapThatBeginHasNotPassed) {
  PublishSome();
  for (const char* process : {"p3", "p4"}) bench.Arrives(0, process);
  auto& log = bench.kafka.callbacks[Partition(0)];
  log.erase(log.begin() + 3);  // a control record
  bench.Turn();
  for (int look = 0; look < 5; ++look) {
    bench.restorer.bounds = {{.partition = Partition(0),
                              .begin = Offset(look),
                              .end = Offset(5),
                              .looked_up_at = bench.now}};
    bench.Pass(seconds(5));
  }
  EXPECT_THAT(bench.events.lost, IsEmpty());
}

TEST_F(LaneLogLife, CountsControlRecordsAtEndAsRead) {
  PublishSome();
  bench.source.ends[Partition(0)] = Offset(5);
  bench.restorer.bounds = {{.partition = Partition(0), .end = Offset(5)},
                           {.partition = Partition(1), .end = Offset(1)}};
  bench.Turn();
  bench.Pass(seconds(1));
  EXPECT_EQ(bench.events.gauges.lag, 0);
  EXPECT_EQ(bench.kafka.committed.at(Partition(0)), Offset(5));
  for (int i = 0; i < 100; ++i) {
    bench.restorer.bounds = {{.partition = Partition(0), .end = Offset(5)},
                             {.partition = Partition(1), .end = Offset(1)}};
    bench.Pass(seconds(5));
  }
  EXPECT_THAT(bench.events.stalls, IsEmpty());
  EXPECT_EQ(bench.source.renewals, 0);
}

// The end is looked up every 5 s; records arrive in between.
TEST_F(LaneLogLife, HasNoLagAfterReadingPastLookedUpEnd) {
  PublishSome();
  bench.restorer.bounds = {{.partition = Partition(0), .end = Offset(2)},
                           {.partition = Partition(1), .end = Offset(1)}};
  bench.Pass(seconds(1));
  EXPECT_EQ(bench.events.gauges.lag, 0);
}

TEST_F(LaneLogLife, HasNoLagOrAgeWhileLogIsNotLookedUp) {
  PublishSome();
  bench.restorer.bounds = {{.partition = Partition(0), .end = Offset(3)},
                           {.partition = Partition(1), .end = Offset(1)}};
  bench.Pass(seconds(1));
  EXPECT_EQ(bench.events.gauges.lag, 0);
  EXPECT_EQ(bench.events.gauges.oldest_pending_age, milliseconds(0));
  bench.restorer.bounds = {{.partition = Partition(0), .end = Offset(3)}};
  bench.Pass(seconds(16));
  EXPECT_EQ(bench.events.gauges.lag, std::nullopt) << "unknown for one partition";
  EXPECT_EQ(bench.events.gauges.oldest_pending_age, std::nullopt);
  bench.Arrives(0, "late");
  bench.Turn();
  bench.Pass(seconds(2));
  EXPECT_GE(bench.events.gauges.oldest_pending_age, milliseconds(2'000)) << "this much is known";
}

TEST(LaneForgotten, IsUnknownAsLongAsItsPartitionsAre) {
  LaneBench bench;
  bench.restorer.forgotten = std::nullopt;
  bench.Pass(seconds(1));
  EXPECT_EQ(bench.events.gauges.forgotten, std::nullopt) << "not in the group";
  bench.AssignAndRestore({0});
  bench.Pass(seconds(1));
  EXPECT_EQ(bench.events.gauges.forgotten, std::nullopt);
  bench.restorer.forgotten = {{"processes", Partition(0)}};
  bench.Pass(seconds(1));
  EXPECT_EQ(bench.events.gauges.forgotten, (ForgottenPlaces{{"processes", Partition(0)}}));
  bench.restorer.forgotten = std::nullopt;
  bench.AssignAndRestore({});
  bench.Pass(seconds(1));
  EXPECT_EQ(bench.events.gauges.forgotten, ForgottenPlaces()) << "a spare instance watches nothing";
}

}  // namespace
}  // namespace consumer
