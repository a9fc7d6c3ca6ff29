#include "common/kafka/partition_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/kafka/record_codec.h"
#include "common/kafka/record_sender.h"
#include "common/kafka/topic_layout.h"
#include "tests/component/common/kafka/mock_cluster.h"

namespace common::kafka {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;
using Reason = PartitionReadEnd::Reason;

constexpr int kLimitMs = 20'000;
constexpr int kFetch = 1;  // Kafka's ApiKey.

/// Partition 0 holds the records a, b, c, partition 1 the record d, partition 2 none.
class PartitionReaderTest : public testing::Test {
 protected:
  PartitionReaderTest() {
    cluster_.CreateTopic("t", 3);
    const Properties properties = cluster_.properties();
    const Handle producer = *NewProducer(*BuildConf({&properties}));
    for (const auto& [partition, value] : std::vector<std::pair<std::int32_t, std::string>>{
             {0, "a"}, {0, "b"}, {0, "c"}, {1, "d"}}) {
      EXPECT_EQ(
          SendRecord(producer.get(), "t", {.value = value, .partition = Partition(partition)}),
          RD_KAFKA_RESP_ERR_NO_ERROR);
    }
    EXPECT_EQ(rd_kafka_flush(producer.get(), kLimitMs), RD_KAFKA_RESP_ERR_NO_ERROR);
    const Properties defaults = ReaderDefaults();
    const Properties promises = ReaderPromises("g", IsolationLevel::kReadUncommitted);
    consumer_ = *NewConsumer(*BuildConf({&defaults, &properties, &promises}));
    rd_kafka_poll_set_consumer(consumer_.get());
    EXPECT_EQ(FetchTopicLayout(consumer_.get(), "t", Deadline::After(seconds(20))).count, 3);
  }
  ~PartitionReaderTest() override {
    rd_kafka_destroy_flags(consumer_.release(), RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  }

  /// By partition: from and to.
  using Numbers = std::map<std::int32_t, std::pair<std::int64_t, std::int64_t>>;
  PartitionReadEnd Read(const Numbers& numbers, milliseconds patience = seconds(20)) {
    Extents extents;
    for (const auto& [partition, extent] : numbers) {
      extents[Partition(partition)] = {Offset(extent.first), Offset(extent.second)};
    }
    return ReadPartitions(
        consumer_.get(), {.topic = "t",
                          .extents = extents,
                          .visit =
                              [&](const rd_kafka_message_t& message) {
                                values_.emplace_back(ValueOf(message));
                                return values_.size() < most_;
                              },
                          .reached = [&](Partition it) { reached_.push_back(it); },
                          .waits = [&](Partition it, Offset at) { waits_[it] = at; },
                          .progress = [&](std::int64_t done) { progress_.push_back(done); },
                          .goes_on = [&] { return goes_on_ && (!ends_at_wait_ || waits_.empty()); },
                          .patience = patience});
  }

  std::vector<std::string> ReadFirst(const PartitionOffsets& offsets,
                                     std::set<Partition>& without) {
    std::vector<std::string> values;
    without = ReadFirstRecords(
        consumer_.get(), "t", offsets,
        [&](const rd_kafka_message_t& message) { values.emplace_back(ValueOf(message)); },
        Deadline::After(seconds(20)));
    return values;
  }

  MockCluster cluster_;
  Handle consumer_;
  std::vector<std::string> values_;
  std::vector<Partition> reached_;
  PartitionOffsets waits_;
  std::vector<std::int64_t> progress_;
  std::size_t most_ = 1000;
  bool goes_on_ = true;
  bool ends_at_wait_ = false;
};

TEST_F(PartitionReaderTest, VisitsEveryRecordBelowTheEndsOfTheExtents) {
  const PartitionReadEnd end = Read({{0, {0, 2}}, {1, {0, 1}}});
  EXPECT_TRUE(end.is_complete());
  EXPECT_THAT(values_, UnorderedElementsAre("a", "b", "d"));
  EXPECT_THAT(reached_, UnorderedElementsAre(Partition(0), Partition(1)));
  EXPECT_THAT(progress_, ElementsAre(1, 2, 3));
  EXPECT_THAT(end.positions, IsEmpty());
}

TEST_F(PartitionReaderTest, EndsEmptyExtentsWithoutReading) {
  EXPECT_TRUE(Read({{0, {2, 2}}, {2, {0, 0}}}).is_complete());
  EXPECT_THAT(values_, IsEmpty());
  EXPECT_THAT(reached_, ElementsAre(Partition(0), Partition(2)));
}

TEST_F(PartitionReaderTest, ReportsThePositionsIfAnExtentEndsBeyondTheLog) {
  const PartitionReadEnd end = Read({{0, {1, 9}}, {1, {0, 1}}}, milliseconds(500));
  EXPECT_EQ(end.reason, Reason::kStalled);
  EXPECT_THAT(end.positions, ElementsAre(Pair(Partition(0), Offset(3))));
  EXPECT_THAT(waits_, ElementsAre(Pair(Partition(0), Offset(3))));
  EXPECT_THAT(values_, UnorderedElementsAre("b", "c", "d"));
  EXPECT_THAT(reached_, ElementsAre(Partition(1)));
}

TEST_F(PartitionReaderTest, EndsIfALogNoLongerReachesThePosition) {
  const PartitionReadEnd end = Read({{0, {7, 9}}, {1, {0, 1}}});
  EXPECT_EQ(end.reason, Reason::kWentBack);
  EXPECT_THAT(values_, ElementsAre("d"));
  EXPECT_THAT(end.positions, ElementsAre(Pair(Partition(0), Offset(7))));
  EXPECT_THAT(end.errors, ElementsAre(Pair(Partition(0), RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE)));
  EXPECT_THAT(waits_, IsEmpty());
}

TEST_F(PartitionReaderTest, StopsWhenTheVisitorReturnsFalse) {
  most_ = 2;
  const PartitionReadEnd end = Read({{0, {0, 3}}});
  EXPECT_EQ(end.reason, Reason::kStopped);
  EXPECT_THAT(values_, ElementsAre("a", "b"));
  EXPECT_THAT(end.positions, ElementsAre(Pair(Partition(0), Offset(1))));
}

TEST_F(PartitionReaderTest, StopsBeforeTheFirstRecordIfItMayNotGoOn) {
  goes_on_ = false;
  EXPECT_EQ(Read({{0, {0, 3}}}).reason, Reason::kStopped);
  EXPECT_THAT(values_, IsEmpty());
}

TEST_F(PartitionReaderTest, EndsAtOnceIfItMayNotReadTheTopic) {
  constexpr auto kDenied = RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
  cluster_.Fail(kFetch, {kDenied, kDenied, kDenied, kDenied});
  const PartitionReadEnd end = Read({{0, {0, 3}}});
  EXPECT_EQ(end.reason, Reason::kDenied);
  EXPECT_THAT(end.errors, ElementsAre(Pair(Partition(0), kDenied)));
}

TEST_F(PartitionReaderTest, ReadsOnePartitionUntilTheDeadline) {
  const auto visit = [&](const rd_kafka_message_t& message) {
    values_.emplace_back(ValueOf(message));
  };
  const auto read = [&](const Extent& extent, milliseconds limit) {
    return ReadPartition(consumer_.get(), "t", Partition(0), extent, visit, Deadline::After(limit));
  };
  EXPECT_TRUE(read({Offset(1), Offset(3)}, seconds(20)).is_complete());
  EXPECT_THAT(values_, ElementsAre("b", "c"));
  EXPECT_FALSE(read({Offset(3), Offset(4)}, milliseconds(300)).is_complete());
}

TEST_F(PartitionReaderTest, VisitsTheFirstRecordAtOrAfterEachOffset) {
  std::set<Partition> without;
  const PartitionOffsets offsets = {
      {Partition(0), Offset(1)}, {Partition(1), Offset(0)}, {Partition(2), Offset(0)}};
  EXPECT_THAT(ReadFirst(offsets, without), UnorderedElementsAre("b", "d"));
  EXPECT_THAT(without, ElementsAre(Partition(2)));
  EXPECT_THAT(ReadFirst({{Partition(1), Offset(1)}}, without), IsEmpty());
  EXPECT_THAT(without, ElementsAre(Partition(1)));
  EXPECT_THAT(ReadFirst({}, without), IsEmpty());
}

TEST_F(PartitionReaderTest, TakesAnOffsetOutsideTheLogForItsBegin) {
  std::set<Partition> without;
  const PartitionOffsets offsets = {
      {Partition(0), Offset(9)}, {Partition(1), Offset(0)}, {Partition(2), Offset(9)}};
  EXPECT_THAT(ReadFirst(offsets, without), UnorderedElementsAre("a", "d"));
  EXPECT_THAT(without, ElementsAre(Partition(2)));
}

TEST_F(PartitionReaderTest, VisitsTheLastRecordOfEachPartition) {
  std::vector<std::string> values;
  const auto without = ReadLastRecords(
      consumer_.get(), "t", {Partition(0), Partition(1), Partition(2)},
      [&](const rd_kafka_message_t& message) { values.emplace_back(ValueOf(message)); },
      Deadline::After(seconds(20)));
  EXPECT_THAT(values, UnorderedElementsAre("c", "d"));
  EXPECT_THAT(without, ElementsAre(Partition(2)));
}

}  // namespace
}  // namespace common::kafka
