#include "ops/ctl/kafka/topic_scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/harness/broker.h"
#include "tests/harness/process.h"
#include "tests/support/kafka_client.h"
#include "tests/support/wait_until.h"

namespace ctl {
namespace {

using common::WallTime;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using tests::Record;

constexpr std::string_view kOpen =
    " stands still at offset 1 of 2: a transaction stays open there, or no broker leads it";

class TopicScanTest : public testing::Test {
 protected:
  TopicScanTest() : cluster_(tests::Broker::Shared().bootstrap()) {
    topic_ = cluster_.CreateUniqueTopic("scan", {.partitions = 3, .configs = {}});
    ClusterSettings settings;
    settings.kafka["bootstrap.servers"] = tests::Broker::Shared().bootstrap();
    settings.group = tests::UniqueName("scan-group");
    scan_ = *TopicScan::Open(settings, topic_);
  }

  /// Reads the range and returns the values in the order of the visits.
  std::vector<std::string> Read(const ScanRange& range) {
    auto extents = scan_->Find(range);
    EXPECT_TRUE(extents) << (extents ? "" : extents.error().detail);
    if (!extents) return {};
    std::vector<std::string> values;
    const auto ended = scan_->Read({.extents = *extents, .visit = [&](const ScannedRecord& record) {
                                      values.emplace_back(record.value());
                                      return true;
                                    }});
    EXPECT_TRUE(ended) << (ended ? "" : ended.error().detail);
    EXPECT_TRUE(ended && *ended == TopicScan::Ended::kAtEnd);
    return values;
  }

  Extents All() {
    auto extents = scan_->Find({});
    EXPECT_TRUE(extents) << (extents ? "" : extents.error().detail);
    return extents ? *std::move(extents) : Extents();
  }

  /// Returns the error of a scan that cannot reach its end; adds the values that it visited.
  std::string ReadInVain(const Extents& extents, std::set<std::string>& values) {
    const auto take = [&](const ScannedRecord& record) {
      values.emplace(record.value());
      return true;
    };
    const auto ended = scan_->Read({.extents = extents, .visit = take, .patience = seconds(2)});
    return ended ? "it came to its end" : ended.error().detail;
  }

  void RunTransaction(const std::string& how, const std::string& value) {
    const tests::Finished finished = tests::RunProgram(
        TRANSACTION_WRITER,
        {tests::Broker::Shared().bootstrap(), topic_, tests::UniqueName("writer"), value, how},
        seconds(30));
    ASSERT_EQ(finished.status, 0) << finished.error_output;
  }

  tests::KafkaClient cluster_;
  std::string topic_;
  std::unique_ptr<TopicScan> scan_;
};

TEST_F(TopicScanTest, EndsImmediatelyOnAnEmptyTopic) { EXPECT_THAT(Read({}), IsEmpty()); }

TEST_F(TopicScanTest, VisitsEveryRecordOfTheSelectedPartitions) {
  cluster_.Produce(topic_, {{.value = "a", .partition = 0},
                            {.value = "b", .partition = 0},
                            {.value = "c", .partition = 1},
                            {.value = "d", .partition = 2}});
  EXPECT_THAT(Read({}), UnorderedElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(Read({.partitions = {common::Partition(0)}}), ElementsAre("a", "b"));
  EXPECT_THAT(Read({.partitions = {common::Partition(2), common::Partition(1)}}),
              UnorderedElementsAre("c", "d"));
}

TEST_F(TopicScanTest, PassesTheWholeRecordToTheVisitor) {
  cluster_.Produce(topic_, {{.key = "k",
                             .value = "v",
                             .headers = {{"h", "1"}, {"h", "2"}},
                             .timestamp_ms = 1'700'000'000'123,
                             .partition = 1}});
  bool was_seen = false;
  const auto ended =
      scan_->Read({.extents = All(), .visit = [&](const ScannedRecord& record) {
                     was_seen = true;
                     EXPECT_EQ(record.partition(), common::Partition(1));
                     EXPECT_EQ(record.offset(), common::Offset(0));
                     EXPECT_EQ(record.time(), WallTime(milliseconds(1'700'000'000'123)));
                     EXPECT_EQ(record.key(), "k");
                     EXPECT_EQ(record.Header("h"), "2");
                     EXPECT_EQ(record.Header("H"), std::nullopt);
                     EXPECT_EQ(record.headers(), (common::RecordHeaders{{"h", "1"}, {"h", "2"}}));
                     return true;
                   }});
  EXPECT_TRUE(ended);
  EXPECT_TRUE(was_seen);
}

TEST_F(TopicScanTest, IncludesItsStartAndExcludesItsEnd) {
  std::vector<Record> records;
  for (int i = 1; i <= 4; ++i) {
    records.push_back({.value = std::to_string(i), .timestamp_ms = i * 1000, .partition = 0});
  }
  cluster_.Produce(topic_, records);
  const auto at = [](int ms) { return WallTime(milliseconds(ms)); };
  EXPECT_THAT(Read({.from = at(2000), .to = at(4000)}), ElementsAre("2", "3"));
  EXPECT_THAT(Read({.from = at(2001)}), ElementsAre("3", "4"));
  EXPECT_THAT(Read({.to = at(1001)}), ElementsAre("1"));
  EXPECT_THAT(Read({.from = at(5000)}), IsEmpty());
  EXPECT_THAT(Read({.from = at(3000), .to = at(2000)}), IsEmpty());
  EXPECT_THAT(Read({.from = at(0), .to = at(9000)}), ElementsAre("1", "2", "3", "4"));
}

TEST_F(TopicScanTest, EndsAfterACommittedTransaction) {
  RunTransaction("commit", "a");
  RunTransaction("commit", "b");
  EXPECT_THAT(Read({}), UnorderedElementsAre("a", "b"));
}

TEST_F(TopicScanTest, FailsWithThePositionIfATransactionStaysOpen) {
  cluster_.Produce(topic_, {{.value = "a", .partition = 0},
                            {.value = "b", .partition = 1},
                            {.value = "c", .partition = 2}});
  tests::Process writer(TRANSACTION_WRITER, {tests::Broker::Shared().bootstrap(), topic_,
                                             tests::UniqueName("writer"), "open", "open"});
  ASSERT_TRUE(writer.WaitForOutput("produced", seconds(30))) << writer.Describe();
  const Extents extents = All();
  std::set<std::string> values;
  std::string error;
  // On a stalled machine, the patience may end before the first record arrives.
  EXPECT_TRUE(tests::WaitUntil(
      [&] {
        error = ReadInVain(extents, values);
        return values.size() == 3 && error.ends_with(kOpen);
      },
      seconds(40)))
      << error;
  EXPECT_THAT(values, ElementsAre("a", "b", "c"));
  EXPECT_THAT(error, testing::MatchesRegex(topic_ + ", partition [012], stands still at .*"));
}

TEST_F(TopicScanTest, TellsWhatHasExpiredSinceTheExtentsWereLookedUp) {
  cluster_.Produce(topic_, {{.value = "a", .partition = 0},
                            {.value = "b", .partition = 0},
                            {.value = "c", .partition = 0},
                            {.value = "d", .partition = 1},
                            {.value = "e", .partition = 2}});
  const Extents extents = All();
  cluster_.DeleteRecords(topic_, 0, 2);
  cluster_.DeleteRecords(topic_, 1, 1);
  std::vector<std::string> values;
  std::map<common::Partition, Extent> expired;
  const auto ended = scan_->Read({.extents = extents,
                                  .visit =
                                      [&](const ScannedRecord& record) {
                                        values.emplace_back(record.value());
                                        return true;
                                      },
                                  .expired = [&](common::Partition partition,
                                                 Extent passed) { expired[partition] = passed; }});
  ASSERT_TRUE(ended) << ended.error().detail;
  EXPECT_EQ(*ended, TopicScan::Ended::kAtEnd);
  EXPECT_THAT(values, UnorderedElementsAre("c", "e"));
  EXPECT_THAT(
      expired,
      ElementsAre(
          testing::Pair(common::Partition(0), Extent{common::Offset(0), common::Offset(2)}),
          testing::Pair(common::Partition(1), Extent{common::Offset(0), common::Offset(1)})));
}

TEST_F(TopicScanTest, FailsIfTheLogWasMadeAnewMeanwhile) {
  cluster_.Produce(topic_, {{.value = "a", .partition = 0},
                            {.value = "b", .partition = 0},
                            {.value = "c", .partition = 0}});
  Extents extents = All();
  extents.at(common::Partition(0)).from = common::Offset(2);
  cluster_.RecreateTopic(topic_, {.partitions = 3, .configs = {}});
  cluster_.Produce(topic_, {{.value = "x", .partition = 0}});
  std::set<std::string> values;
  EXPECT_EQ(
      ReadInVain(extents, values),
      topic_ + ", partition 0, has no offset 2 any more: the log was cut or made anew meanwhile");
  EXPECT_THAT(values, IsEmpty());
}

TEST_F(TopicScanTest, StopsWhenTheVisitorReturnsFalse) {
  cluster_.Produce(topic_, {{.value = "a", .partition = 0}, {.value = "b", .partition = 0}});
  int count = 0;
  const auto ended = scan_->Read({.extents = All(), .visit = [&](const auto& /*record*/) {
                                    ++count;
                                    return false;
                                  }});
  ASSERT_TRUE(ended);
  EXPECT_EQ(*ended, TopicScan::Ended::kByVisitor);
  EXPECT_EQ(count, 1);
}

TEST_F(TopicScanTest, StopsOnTheStopToken) {
  cluster_.Produce(topic_, {{.value = "a", .partition = 0}, {.value = "b", .partition = 0}});
  std::stop_source source;
  int count = 0;
  const auto ended = scan_->Read({.extents = All(),
                                  .visit =
                                      [&](const auto& /*record*/) {
                                        ++count;
                                        source.request_stop();
                                        return true;
                                      },
                                  .stop = source.get_token()});
  ASSERT_TRUE(ended);
  EXPECT_EQ(*ended, TopicScan::Ended::kByStop);
  EXPECT_EQ(count, 1);
}

TEST_F(TopicScanTest, ReportsItsProgress) {
  cluster_.Produce(topic_, {{.value = "a", .partition = 0},
                            {.value = "b", .partition = 0},
                            {.value = "c", .partition = 1}});
  std::vector<std::int64_t> done;
  EXPECT_TRUE(scan_->Read({.extents = All(),
                           .visit = [](const auto& /*record*/) { return true; },
                           .progress =
                               [&](std::int64_t now, std::int64_t total) {
                                 EXPECT_EQ(total, 3);
                                 done.push_back(now);
                               }}));
  EXPECT_THAT(done, ElementsAre(1, 2, 3));
}

TEST_F(TopicScanTest, ReturnsTheSameRecordsTwice) {
  cluster_.Produce(topic_, {{.value = "a", .partition = 0}});
  EXPECT_THAT(Read({}), ElementsAre("a"));
  cluster_.Produce(topic_, {{.value = "b", .partition = 0}});
  EXPECT_THAT(Read({}), ElementsAre("a", "b"));
}

TEST_F(TopicScanTest, RejectsUnknownPartitions) {
  const auto extents = scan_->Find({.partitions = {common::Partition(3)}});
  ASSERT_FALSE(extents);
  EXPECT_EQ(extents.error().remedy, common::Remedy::kReject);
  EXPECT_EQ(extents.error().detail, topic_ + " has no partition 3, only 0 to 2");
}

}  // namespace
}  // namespace ctl
