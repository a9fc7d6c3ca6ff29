// The other judgements of a history, each a table.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "common/domain/key_partition.h"
#include "ops/ctl/history/history_report.h"
#include "ops/ctl/history/key_placement.h"
#include "ops/ctl/history/offset_fit.h"
#include "ops/ctl/history/result_document.h"
#include "ops/ctl/history/visible_offsets.h"

namespace ctl {
namespace {

using common::Offset;
using common::Partition;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Keys that `partitions` puts on the partition, in order.
std::vector<std::uint32_t> HashesOn(Partition partition, int partitions, std::size_t count) {
  std::vector<std::uint32_t> hashes;
  for (int i = 0; hashes.size() < count; ++i) {
    const std::uint32_t hash = common::Murmur2("process-" + std::to_string(i));
    if (common::PartitionOfHash(hash, partitions) == partition) hashes.push_back(hash);
  }
  return hashes;
}

std::size_t CountMisplaced(KeyPlacement& places, Partition partition,
                           const std::vector<std::uint32_t>& hashes) {
  std::size_t count = 0;
  for (const std::uint32_t hash : hashes) count += places.IsMisplaced(partition, hash) ? 1 : 0;
  return count;
}

class KeyPlacementOf : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Records, KeyPlacementOf, testing::Values(1, 100, 1'000'000),
                         testing::PrintToStringParamName());

TEST_P(KeyPlacementOf, AcceptsRecordsOfOneNumber) {
  KeyPlacement places(12);
  int misplaced = 0;
  for (int i = 0; i < GetParam(); ++i) {
    const std::uint32_t hash = common::Murmur2("process-" + std::to_string(i));
    misplaced += places.IsMisplaced(common::PartitionOfHash(hash, 12), hash) ? 1 : 0;
  }
  EXPECT_EQ(misplaced, 0);
}

TEST(KeyPlacement, FindsARecordElsewhere) {
  KeyPlacement places(12);
  for (const Partition partition : {Partition(0), Partition(3), Partition(11)}) {
    EXPECT_EQ(CountMisplaced(places, partition, HashesOn(partition, 12, 50)), 0U);
    EXPECT_EQ(CountMisplaced(places, partition, HashesOn(Partition(4), 12, 2)), 2U);
    EXPECT_EQ(CountMisplaced(places, partition, HashesOn(partition, 12, 50)), 0U);
  }
  EXPECT_EQ(CountMisplaced(places, Partition(12), HashesOn(Partition(3), 12, 1)), 1U);
}

TEST(KeyPlacement, AcceptsRecordsFromBeforeARaise) {
  for (const Partition partition : {Partition(0), Partition(3), Partition(5)}) {
    KeyPlacement places(24);
    EXPECT_EQ(CountMisplaced(places, partition, HashesOn(partition, 6, 50)), 0U);
    EXPECT_EQ(CountMisplaced(places, partition, HashesOn(partition, 12, 50)), 0U);
    EXPECT_EQ(CountMisplaced(places, partition, HashesOn(partition, 24, 2000)), 0U);
    // A writer that still knows the old number.
    EXPECT_GT(CountMisplaced(places, partition, HashesOn(partition, 6, 50)), 20U);
  }
}

TEST(FindMisfits, AcceptsAnOffsetWithinItsLog) {
  EXPECT_THAT(
      FindMisfits({.offset = Offset(5), .begin = Offset(0), .end = Offset(5), .partitions = 12}),
      IsEmpty());
  EXPECT_THAT(
      FindMisfits({.offset = Offset(5),
                   .metadata = {.partitions = 12, .last = {{Offset(4), common::WallTime{}}}},
                   .begin = Offset(5),
                   .end = Offset(9),
                   .partitions = 12}),
      IsEmpty());
}

TEST(FindMisfits, NamesEachMisfit) {
  EXPECT_THAT(FindMisfits({.offset = Offset(6), .begin = Offset(0), .end = Offset(5)}),
              ElementsAre(HasSubstr("beyond the log's end 5")));
  EXPECT_THAT(
      FindMisfits({.offset = Offset(2), .begin = Offset(5), .end = Offset(9)}),
      ElementsAre("the log begins at 5: 3 offsets have expired before the group read them"));
  OffsetFacts facts{.offset = Offset(5), .begin = Offset(0), .end = Offset(5), .partitions = 12};
  facts.metadata.partitions = 6;
  facts.metadata.last = {Offset(4), common::WallTime{}};
  facts.times[Offset(4)] = common::WallTime{std::chrono::milliseconds(1)};
  EXPECT_THAT(FindMisfits(facts),
              ElementsAre(HasSubstr("another record at 4"), HasSubstr("for 6 partitions")));
}

TEST(FindMisfits, ComparesRecordsBeforePausesInReading) {
  const auto at = [](int ms) { return common::WallTime{std::chrono::milliseconds(ms)}; };
  OffsetFacts facts{.offset = Offset(90), .begin = Offset(0), .end = Offset(99), .partitions = 1};
  facts.metadata.last = {Offset(89), at(5)};
  facts.metadata.unchecked = {{Offset(20), at(2)}, {Offset(50), at(3)}};
  facts.times = {{Offset(89), at(5)}, {Offset(50), at(3)}};
  EXPECT_THAT(FindMisfits(facts), IsEmpty()) << "nobody knows of 20";
  facts.times[Offset(20)] = at(2);
  EXPECT_THAT(FindMisfits(facts), IsEmpty());
  facts.times[Offset(50)] = at(4);
  EXPECT_THAT(
      FindMisfits(facts),
      ElementsAre("the group has read another record at 50, of 1970-01-01T00:00:00.003Z: the "
                  "log was replaced since, and what is new below may be unread"));
}

TEST(FindForeignId, AcceptsResultsOfEachForm) {
  for (
      const char* const value :
      {R"({"processId":"p","dossierId":"d","process":{"processId":"p","dossierId":"d"},"dossier":{"dossierId":"d"}})",
       R"({"processId":"p","dossierId":"54a1ad5f-5a0d-4a0d-9f2c-0c7a2a0f6a11","process":{"dossierId":"54A1AD5F-5A0D-4A0D-9F2C-0C7A2A0F6A11"},"dossier":null})",
       R"({"processId":"p","dossierId":"d","process":{"sha256":"00"},"dossier":{}})",
       R"({"processId":null,"eventId":"e","event":{"processId":"x"},"process":null})",
       R"({"processId":"p","process":{"steps":[{"processId":"x"}]},"more":{"processId":"x"}})",
       R"({"dossierId":"d","dossier":{"dossierId":7}})", "no json", "[]"}) {
    EXPECT_EQ(FindForeignId("p", value), std::nullopt) << value;
  }
}

TEST(FindForeignId, NamesTheIdsThatDiffer) {
  EXPECT_EQ(FindForeignId("p", R"({"processId":"x"})"), "processId x under the key p");
  EXPECT_EQ(FindForeignId("p", R"({"processId":"p","process":{"a":[1],"processId":"x"}})"),
            "the process has processId x instead of p");
  EXPECT_EQ(FindForeignId("p", R"({"processId":"p","dossierId":"d","process":{"dossierId":"x"}})"),
            "the process has dossierId x instead of d");
  EXPECT_EQ(FindForeignId("p", R"({"processId":"p","dossierId":"d","dossier":{"dossierId":"x"}})"),
            "the dossier has dossierId x instead of d");
}

TEST(VisibleOffsets, KeepsTheMarksOfEachPartition) {
  VisibleOffsets visible({{Partition(0), {Offset(5), Offset(8)}},
                          {Partition(3), {Offset(0), Offset(2)}},
                          {Partition(4), {Offset(7), Offset(7)}}});
  visible.Mark({Partition(0), Offset(6)});
  visible.Mark({Partition(3), Offset(1)});
  EXPECT_TRUE(visible.Has({Partition(0), Offset(6)}));
  EXPECT_FALSE(visible.Has({Partition(0), Offset(7)}));
  EXPECT_TRUE(visible.Has({Partition(3), Offset(1)}));
}

TEST(HistoryReport, HasANameForEachAnomaly) {
  std::set<std::string> names;
  for (const Anomaly anomaly : kAnomalies) names.emplace(ToText(anomaly));
  EXPECT_EQ(names.size(), kAnomalies.size());
  EXPECT_FALSE(names.contains(""));
}

TEST(HistoryReport, RendersAFinding) {
  HistoryFinding finding{.anomaly = Anomaly::kTornTransaction,
                         .topic = "processes",
                         .partition = Partition(3),
                         .offset = Offset(17),
                         .transaction = common::TransactionName{"a\x1b", 5},
                         .what = "0 of \"1\""};
  EXPECT_EQ(RenderText(finding),
            "torn-transaction       processes:3:17          transaction 5 of a\\x1b: 0 of \"1\"\n");
  finding.transaction->instance = "a";
  EXPECT_EQ(RenderJson(finding),
            R"({"anomaly":"torn-transaction","topic":"processes","partition":3,"offset":17,)"
            R"("instance":"a","transaction":"5","what":"0 of \"1\""})");
}

TEST(HistoryReport, PrintsTotals) {
  HistorySums sums;
  sums.transactions = {.transactions = 5, .visible = 2, .aborted = 1, .open = 1, .faulty = 1};
  EXPECT_EQ(RenderText(sums, {}),
            "5 transactions, counted for each partition: 2 visible, 1 aborted, 1 faulty, 1 open\n"
            "no anomaly\n");
  sums.undone = 1;
  sums.nameless = 2;
  sums.are_offsets_stable = false;
  const HistoryTally tally{{{Anomaly::kDuplicate, 2}, {Anomaly::kWrongPartition, 1}}};
  EXPECT_THAT(RenderText(sums, tally),
              testing::AllOf(HasSubstr("note: 1 transaction is visible on some"),
                             HasSubstr("note: 2 records name no transaction"),
                             HasSubstr("note: an open transaction holds back"),
                             HasSubstr("ANOMALIES: 2 duplicate, 1 wrong-partition\n")));
  EXPECT_EQ(RenderJson(sums, tally),
            R"({"transactions":5,"visible":2,"aborted":1,"faulty":1,"open":1,"unjudged":0,)"
            R"("undone":1,"nameless":2,"stableOffsets":false,)"
            R"("anomalies":{"duplicate":2,"wrong-partition":1}})");
}

}  // namespace
}  // namespace ctl
