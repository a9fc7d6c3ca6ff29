#include "common/domain/transaction_evidence.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

namespace common {
namespace {

OffsetWitnessed Committed(const std::string& instance, const std::string& transaction) {
  return {.is_stable = true,
          .metadata = OffsetMetadata{.instance = instance, .transaction = transaction}};
}
OffsetWitnessed Pending() {
  OffsetWitnessed offset = Committed("sluice.a-0", "50");
  offset.is_stable = false;
  return offset;
}
constexpr OffsetWitnessed kNever{.is_stable = true, .metadata = std::nullopt};

struct Case {
  std::string name;
  std::vector<OffsetWitnessed> offsets;
  Twins twins;
  std::string verdict;
};
void PrintTo(const Case& tested, std::ostream* out) { *out << tested.name; }

class TransactionEvidence : public ::testing::TestWithParam<Case> {};

TEST_P(TransactionEvidence, DecidesVerdict) {
  const TransactionOutcome verdict =
      JudgeTransaction({"sluice.a-0", 100}, GetParam().offsets, GetParam().twins);
  EXPECT_EQ(ToText(verdict), GetParam().verdict);
}

INSTANTIATE_TEST_SUITE_P(
    Table, TransactionEvidence,
    ::testing::Values(
        Case{"NothingAtAll", {}, {}, "unknown"},
        Case{"ItsOwnOffset", {Committed("sluice.a-0", "100")}, {}, "committed"},
        Case{"AnEarlierOffset", {Committed("sluice.a-0", "99")}, {}, "aborted"},
        Case{"ALaterOffset", {Committed("sluice.a-0", "101")}, {}, "unknown"},
        Case{"AnEarlierOffsetOfThePredecessor", {Committed("sluice.b-0", "99")}, {}, "aborted"},
        Case{"ALaterOffsetOfTheSuccessor", {Committed("sluice.b-0", "101")}, {}, "unknown"},
        Case{"TheSameNumberOfAnotherInstance", {Committed("sluice.b-0", "100")}, {}, "unknown"},
        Case{"PendingOffset", {Pending()}, {}, "unknown"},
        Case{"NoOffset", {kNever}, {}, "unknown"},
        Case{"AnOffsetOfAnOlderRelease", {Committed("", "")}, {}, "unknown"},
        Case{"AnOffsetWithNonsense", {Committed("sluice.a-0", "x")}, {}, "unknown"},
        Case{"AVisibleTwin", {}, {.visible = 1}, "committed"},
        Case{"AVanishedTwin", {}, {.vanished = 1}, "aborted"},
        Case{"TwinsOfBothKinds", {}, {.visible = 1, .vanished = 1}, "contradiction"},
        Case{"AgreeingOffsetAndTwin",
             {Committed("sluice.a-0", "100"), Pending()},
             {.visible = 2},
             "committed"},
        Case{"AVisibleTwinWithoutItsOffset",
             {Committed("sluice.a-0", "99")},
             {.visible = 1},
             "committed"},
        Case{"AVanishedTwinWithItsOffset",
             {Committed("sluice.a-0", "100")},
             {.vanished = 1},
             "contradiction"},
        Case{"DisagreeingOffsets",
             {Committed("sluice.a-0", "99"), Committed("sluice.a-0", "100")},
             {},
             "contradiction"}),
    [](const auto& test) { return test.param.name; });

RecordHeaders NamedHeaders(bool is_copy = false) {
  RecordHeaders headers = {{"instance", "sluice.a-0"}, {"transaction", "100"}};
  if (is_copy) headers.push_back({"repaired", "processes:3:74"});
  return headers;
}

TEST(TwinTally, CountsOnlyRecordsOfTheTransaction) {
  TwinTally tally({{"sluice.a-0", 100}});
  tally.AddWritten(Offset(7), RecordHeaders{{"instance", "sluice.a-0"}, {"transaction", "99"}});
  tally.AddVisible(Offset(7));
  EXPECT_TRUE(tally.IsEmpty());
  tally.AddWritten(Offset(8), NamedHeaders());
  tally.AddWritten(Offset(9), NamedHeaders());
  EXPECT_EQ(tally.Of({"sluice.a-0", 100}).vanished, 2);
  EXPECT_EQ(tally.Of({"sluice.a-0", 100}).visible, 0);
  EXPECT_EQ(tally.Of({"sluice.a-0", 99}).visible, 0);
}

// Kafka forgot the transaction on two partitions. One was repaired first.
TEST(TwinTally, CountsVisibleCopiesForTheirOriginals) {
  TwinTally tally({{"sluice.a-0", 100}});
  tally.AddWritten(Offset(74), NamedHeaders());
  tally.AddWritten(Offset(76), NamedHeaders(true));
  tally.AddVisible(Offset(76));
  EXPECT_EQ(tally.Of({"sluice.a-0", 100}).visible, 1);
  EXPECT_EQ(tally.Of({"sluice.a-0", 100}).vanished, 0);
}

TEST(TwinTally, IgnoresCopiesOfAnUnfinishedRepair) {
  TwinTally tally({{"sluice.a-0", 100}});
  tally.AddWritten(Offset(76), NamedHeaders(true));
  EXPECT_EQ(tally.Of({"sluice.a-0", 100}).visible, 0);
  EXPECT_EQ(tally.Of({"sluice.a-0", 100}).vanished, 0);
}

TEST(TransactionName, IsReadFromLastHeaders) {
  const RecordHeaders headers = {{"instance", "the sender's"},
                                 {"instance", "sluice.a-0"},
                                 {"transaction", "1795905774020000"}};
  const auto name = ReadTransactionName(headers);
  ASSERT_TRUE(name.has_value());
  EXPECT_EQ(name->instance, "sluice.a-0");
  EXPECT_EQ(name->number, 1'795'905'774'020'000U);
  EXPECT_EQ(FormatRfc3339(BegunAt(*name)), "2026-11-28T22:42:54.020Z");
}

TEST(TransactionName, IsUnknownIfRecordDoesNotNameIt) {
  EXPECT_FALSE(ReadTransactionName(RecordHeaders{}));
  EXPECT_FALSE(ReadTransactionName(RecordHeaders{{"instance", "a"}}));
  EXPECT_FALSE(ReadTransactionName(RecordHeaders{{"instance", "a"}, {"transaction", "x"}}));
  EXPECT_FALSE(ReadTransactionName(RecordHeaders{{"instance", ""}, {"transaction", "1"}}));
}

}  // namespace
}  // namespace common
