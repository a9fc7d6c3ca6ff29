#include "ops/ctl/history/transaction_ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "ops/ctl/history/undone_transactions.h"

namespace ctl {
namespace {

using common::MarkerOutcome;
using common::TransactionName;
using common::WallTime;
using namespace std::chrono_literals;

constexpr std::uint64_t kSecond = 1'000'000;  // Of a transaction's number.
constexpr std::uint64_t kFirst = 1'700'000'000 * kSecond;
const WallTime kNow = common::BegunAt({"a", kFirst}) + 1h;

TransactionName Name(std::uint64_t number) { return {"a", kFirst + number}; }

/// Builds the ledger of partition 3 and describes its judgement.
class Partition {
 public:
  struct How {
    bool is_visible = true;
    bool is_open = false;
    bool is_settled = true;
    bool is_copy = false;
    bool is_reconciled = false;
    int more_markers = 0;
  };
  Partition& Result(std::uint64_t transaction, How how) {
    return Add(transaction, Written::kResult, how, std::nullopt);
  }
  Partition& Result(std::uint64_t transaction) { return Result(transaction, How()); }
  Partition& Letter(std::uint64_t transaction, How how) {
    return Add(transaction, Written::kLetter, how, std::nullopt);
  }
  Partition& Letter(std::uint64_t transaction) { return Letter(transaction, How()); }
  Partition& Marker(std::uint64_t transaction, How how,
                    std::optional<MarkerOutcome> outcome = MarkerOutcome::kPublished) {
    return Add(transaction, Written::kMarker, how, outcome);
  }
  Partition& Marker(std::uint64_t transaction,
                    std::optional<MarkerOutcome> outcome = MarkerOutcome::kPublished) {
    return Marker(transaction, How(), outcome);
  }
  Partition& Committed(std::uint64_t transaction, bool is_stable = true) {
    terms_.committed = {
        .is_stable = is_stable,
        .metadata = common::OffsetMetadata{
            .instance = "a", .transaction = std::to_string(Name(transaction).number)}};
    return *this;
  }
  Partition& From(WallTime horizon) {
    terms_.horizon = horizon;
    return *this;
  }

  std::string Judge() {
    std::vector<std::string> lines;
    sums = ledger_.Judge(
        terms_,
        [&](const HistoryFinding& finding) {
          lines.push_back(std::string(ToText(finding.anomaly)) + " " + finding.topic + ":" +
                          ToText(finding.partition) + ":" + ToText(finding.offset.value()) +
                          (finding.transaction
                               ? " #" + std::to_string(finding.transaction->number - kFirst)
                               : "") +
                          " " + finding.what);
        },
        [&](const TransactionName& name, bool is_visible) { undone.Add(name, is_visible); });
    std::sort(lines.begin(), lines.end());
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    EXPECT_EQ(sums.transactions,
              sums.visible + sums.aborted + sums.open + sums.unjudged + sums.faulty);
    return text;
  }

  TransactionLedger& ledger() { return ledger_; }
  TransactionLedger::Sums sums;
  UndoneTransactions undone;

 private:
  Partition& Add(std::uint64_t transaction, Written kind, How how,
                 std::optional<MarkerOutcome> outcome) {
    ledger_.Add(Name(transaction),
                {.kind = kind,
                 .partition = common::Partition(kind == Written::kLetter ? 0 : 3),
                 .offset = common::Offset(next_++),
                 .is_visible = how.is_visible && !how.is_open,
                 .is_open = how.is_open,
                 .is_settled = how.is_settled && !how.is_open,
                 .is_copy = how.is_copy,
                 .is_reconciled = how.is_reconciled,
                 .outcome = outcome,
                 .more_markers = how.more_markers});
    return *this;
  }

  TransactionLedger ledger_{common::Partition(3), {.results = "r", .markers = "m", .letters = "l"}};
  TransactionLedger::Terms terms_{.now = kNow};
  std::int64_t next_ = 0;
};

constexpr Partition::How kVanished{.is_visible = false};
constexpr Partition::How kOpen{.is_open = true};
constexpr Partition::How kCopy{.is_copy = true};
constexpr Partition::How kReconciled{.is_reconciled = true};

TEST(TransactionLedger, FindsNothingInWholeAndAbortedTransactions) {
  Partition partition;
  partition.Result(1).Marker(1).Letter(1).Marker(1, MarkerOutcome::kDead);
  partition.Result(2, kVanished).Marker(2, kVanished).Letter(2, kVanished);
  partition.Marker(3, MarkerOutcome::kIgnored);
  partition.Committed(3);
  EXPECT_EQ(partition.Judge(), "");
  EXPECT_EQ(partition.sums.visible, 2U);
  EXPECT_EQ(partition.sums.aborted, 1U);
}

TEST(TransactionLedger, FindsATornTransaction) {
  EXPECT_EQ(Partition().Result(1).Marker(1, kVanished).Judge(),
            "torn-transaction r:3:0 #1 1 of its 1 result visible, 0 of its 1 marker visible\n");
  EXPECT_EQ(Partition().Result(1, kVanished).Marker(1).Committed(1).Judge(),
            "torn-transaction m:3:1 #1 0 of its 1 result visible, 1 of its 1 marker visible\n");
  EXPECT_EQ(
      Partition().Letter(1, kVanished).Marker(1, MarkerOutcome::kDead).Judge(),
      "torn-transaction m:3:1 #1 1 of its 1 marker visible, 0 of its 1 dead letter visible\n");
}

TEST(TransactionLedger, FindsAnOffsetWithoutItsRecords) {
  EXPECT_EQ(Partition().Result(1, kVanished).Marker(1, kVanished).Committed(1).Judge(),
            "torn-transaction r:3:0 #1 0 of its 1 result visible, 0 of its 1 marker visible, but "
            "the group's offset is its own\n");
}

TEST(TransactionLedger, FindsRecordsWithoutTheirOffset) {
  EXPECT_EQ(Partition().Result(2).Marker(2).Committed(1).Judge(),
            "torn-transaction r:3:0 #2 1 of its 1 result visible, 1 of its 1 marker visible, but "
            "the group's offset is that of the earlier transaction " +
                std::to_string(kFirst + 1) + " of a\n");
  EXPECT_EQ(Partition().Result(2).Marker(2).Committed(1, false).Judge(), "");
}

TEST(TransactionLedger, FindsAnAbortedReadByTheOffsetOfAnEarlierTransaction) {
  EXPECT_EQ(Partition().Result(2).Marker(2, kVanished).Committed(1).Judge(),
            "aborted-read r:3:0 #2 1 of its 1 result visible, 0 of its 1 marker visible, and the "
            "group's offset is an earlier one's\n");
}

TEST(TransactionLedger, CountsCopiesForTheirOriginals) {
  EXPECT_EQ(Partition().Result(1, kVanished).Result(1, kCopy).Marker(1).Judge(), "");
  EXPECT_EQ(
      Partition().Result(1).Result(1, {.is_visible = false, .is_copy = true}).Marker(1).Judge(),
      "");
  EXPECT_EQ(Partition().Result(1).Result(1, kCopy).Marker(1).Judge(),
            "duplicate r:3:0 #1 a copy is visible beside its original: 2 of its 1 result visible, "
            "1 of its 1 marker visible\n");
}

TEST(TransactionLedger, FindsRecordWithoutMarker) {
  EXPECT_EQ(Partition().Result(1).Judge(),
            "record-without-marker r:3:0 #1 1 result, and 0 markers\n");
  EXPECT_EQ(Partition().Result(1).Result(1).Marker(1).Judge(),
            "record-without-marker r:3:0 #1 2 results, and 1 marker\n");
  EXPECT_EQ(Partition().Letter(1).Marker(1).Judge(),
            "record-without-marker l:0:0 #1 1 dead letter, and 0 markers\n");
  EXPECT_EQ(Partition().Result(1, kReconciled).Judge(),
            "record-without-marker r:3:0 #1 1 result, and 0 markers\n");
}

TEST(TransactionLedger, FindsMarkerWithoutRecord) {
  EXPECT_EQ(Partition().Marker(1).Judge(),
            "marker-without-record m:3:0 #1 1 marker, and 0 results\n");
  EXPECT_EQ(Partition().Result(1).Marker(1).Marker(1).Judge(),
            "marker-without-record m:3:1 #1 2 markers, and 1 result\n");
  EXPECT_EQ(Partition().Marker(1, MarkerOutcome::kDead).Judge(),
            "marker-without-record m:3:0 #1 1 marker, and 0 dead letters\n");
  EXPECT_EQ(Partition().Marker(1, kReconciled).Judge(),
            "marker-without-record m:3:0 #1 1 marker, and 0 results\n");
}

TEST(TransactionLedger, AcceptsTheMarkersOfEventsAndReconciledResults) {
  constexpr Partition::How kEvent{.more_markers = 1};
  EXPECT_EQ(Partition().Result(1, kEvent).Marker(1).Marker(1).Judge(), "");
  EXPECT_EQ(Partition()
                .Letter(1, kEvent)
                .Marker(1, MarkerOutcome::kDead)
                .Marker(1, MarkerOutcome::kDead)
                .Judge(),
            "");
  EXPECT_EQ(Partition()
                .Result(1, kReconciled)
                .Marker(1, kReconciled)
                .Marker(1, kReconciled)
                .Marker(1, kReconciled)
                .Marker(1, kReconciled)
                .Judge(),
            "");
  EXPECT_EQ(Partition().Result(1).Marker(1, std::nullopt).Marker(1, std::nullopt).Judge(), "");
}

TEST(TransactionLedger, FindsATransactionThatHangs) {
  Partition partition;
  partition.Result(1, kOpen).Marker(1);
  EXPECT_EQ(partition.Judge(), "hanging-transaction r:3:0 #1 open since " +
                                   common::FormatRfc3339(common::BegunAt(Name(1))) +
                                   "; readers of committed records stop here: sluicectl "
                                   "transactions\n");
  EXPECT_EQ(partition.sums.open, 1U);
}

TEST(TransactionLedger, WaitsForAYoungTransaction) {
  constexpr std::uint64_t kJustNow = 3599 * kSecond;
  Partition partition;
  partition.Result(kJustNow, kOpen).Marker(kJustNow);
  EXPECT_EQ(partition.Judge(), "");
  EXPECT_EQ(partition.sums.open, 1U);
}

TEST(TransactionLedger, OmitsPartiallyReadTransactions) {
  Partition old;
  old.Result(1).From(kNow - 30min);
  EXPECT_EQ(old.Judge(), "");
  EXPECT_EQ(old.sums.unjudged, 1U);
  Partition young;
  young.Result(1, {.is_settled = false});
  EXPECT_EQ(young.Judge(), "");
  EXPECT_EQ(young.sums.unjudged, 1U);
}

TEST(TransactionLedger, TellsInstancesApart) {
  TransactionLedger ledger(common::Partition(0), {.results = "r", .markers = "m", .letters = "l"});
  ledger.Add({"a", kFirst}, {.kind = Written::kResult, .is_visible = true, .is_settled = true});
  ledger.Add({"b", kFirst}, {.kind = Written::kMarker,
                             .is_visible = true,
                             .is_settled = true,
                             .outcome = MarkerOutcome::kPublished});
  int findings = 0;
  const auto sums = ledger.Judge(
      {.now = kNow}, [&](const HistoryFinding&) { ++findings; },
      [](const TransactionName&, bool) {});
  EXPECT_EQ(sums.transactions, 2U);
  EXPECT_EQ(findings, 2);
}

TEST(TransactionLedger, FindsTheSameMarkerTwice) {
  Partition partition;
  common::Marker marker{.identity = {}, .record_time = kNow, .outcome = MarkerOutcome::kPublished};
  partition.ledger().markers().Add(marker, common::Offset(5));
  marker.record_time += 1ms;  // Another callback of the same fact.
  partition.ledger().markers().Add(marker, common::Offset(6));
  marker.record_time -= 1ms;
  partition.ledger().markers().Add(marker, common::Offset(7));
  marker.identity.bytes.back() = 1;
  partition.ledger().markers().Add(marker, common::Offset(8));
  EXPECT_EQ(partition.Judge(), "duplicate m:3:7 the same marker is at offset 5\n");
}

TEST(UndoneTransactions, CountsTransactionsVisibleElsewhere) {
  UndoneTransactions undone;
  for (int partition = 0; partition < 3; ++partition) undone.Add({"a", 1}, partition == 0);
  undone.Add({"a", 2}, false);
  undone.Add({"a", 3}, true);
  undone.Add({"b", 2}, true);
  EXPECT_EQ(undone.Count(), 1U);
}

class TransactionLedgerOf : public testing::TestWithParam<std::uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Callbacks, TransactionLedgerOf, testing::Values(1, 100, 1'000'000),
                         testing::PrintToStringParamName());

std::size_t ResidentBytes() {
  constexpr std::size_t kPage = 4096;
  std::size_t all = 0;
  std::size_t resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * kPage;
}

// The worst case: a transaction for each callback.
TEST_P(TransactionLedgerOf, FindsTheTornOneInBoundedMemory) {
  const std::uint64_t count = GetParam();
  const std::size_t before = ResidentBytes();
  Partition partition;
  for (std::uint64_t i = 0; i < count; ++i) {
    partition.Result(i);
    if (i == count / 2) {
      partition.Marker(i, kVanished);
    } else {
      partition.Marker(i);
    }
    common::Marker marker{
        .identity = {}, .record_time = kNow, .outcome = MarkerOutcome::kPublished};
    std::memcpy(marker.identity.bytes.data(), &i, sizeof i);
    partition.ledger().markers().Add(marker, common::Offset(static_cast<std::int64_t>(i)));
  }
  const std::size_t bytes = ResidentBytes() - before;
  EXPECT_EQ(partition.Judge(), "torn-transaction r:3:" + std::to_string(count / 2 * 2) + " #" +
                                   std::to_string(count / 2) +
                                   " 1 of its 1 result visible, 0 of its 1 marker visible\n");
  if (count < 1'000'000) return;
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_LE(bytes / count, 230U);
#endif
  RecordProperty("bytes_each", std::to_string(bytes / count));
}

}  // namespace
}  // namespace ctl
