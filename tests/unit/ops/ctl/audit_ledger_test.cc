#include "ops/ctl/audit/audit_ledger.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/unit/ops/ctl/audit_partition.h"

namespace ctl {
namespace {

using common::WallTime;
using namespace std::chrono_literals;
using std::chrono::hours;

TEST(AuditLedger, FindsNothingIfEachFirstDeliveryHasMarkerAndOutcome) {
  EXPECT_EQ(AuditedPartition().Judged(), "");
  EXPECT_EQ(AuditedPartition()
                .Callback(5, 'a')
                .Callback(6, 'b', 1ms)
                .Callback(9, 'a', 2h)
                .Marker('a')
                .Marker('b', 1ms)
                .Outcome(5)
                .Outcome(6)
                .Judged(),
            "2 disposed of, 1 duplicate");
}

TEST(AuditLedger, ReportsCallbackWithoutMarker) {
  EXPECT_EQ(AuditedPartition().Callback(5, 'a').Judged(), "5 has no marker");
  EXPECT_EQ(AuditedPartition().Callback(5, 'a').Callback(6, 'b').Marker('b').Outcome(6).Judged(),
            "5 has no marker; 1 disposed of");
}

TEST(AuditLedger, ReportsEachSkippedDelivery) {
  EXPECT_EQ(AuditedPartition().Callback(5, 'a').Callback(6, 'a', 1h).Judged(),
            "5 has no marker; 6 has no marker");
}

TEST(AuditLedger, ExpectsTheOutcomeOfACopiedMarkerElsewhere) {
  const auto copied = [](std::chrono::milliseconds after_noon) {
    return AuditedPartition()
        .Callback(5, 'a', 3h)
        .Callback(6, 'a', 4h)
        .Marker('a', after_noon, MarkedAs::kElsewhere);
  };
  EXPECT_EQ(copied(1h).Judged(), "2 duplicate");
  EXPECT_EQ(copied(1h).Marker('a', 3h).Outcome(5).Judged(),
            "5 is surplus to another; 1 disposed of, 1 duplicate");
  EXPECT_EQ(copied(-kWindow).Marker('a', 3h).Outcome(5).Judged(), "1 disposed of, 1 duplicate");
  EXPECT_EQ(copied(-kWindow).Marker('a', 3h).Judged(), "5 has no result; 1 duplicate");
}

TEST(AuditLedger, AcceptsOutcomeOfLaterDelivery) {
  EXPECT_EQ(
      AuditedPartition().Callback(5, 'a').Callback(6, 'a', 1h).Marker('a', 1h).Outcome(6).Judged(),
      "1 disposed of, 1 duplicate");
}

TEST(AuditLedger, ReportsCallbackOfMarkerWithoutOutcome) {
  EXPECT_EQ(AuditedPartition().Callback(5, 'a').Callback(6, 'a', 1h).Marker('a').Judged(),
            "5 has no result; 1 duplicate");
}

TEST(AuditLedger, ReportsOneCallbackIfMarkerBelongsToNone) {
  EXPECT_EQ(
      AuditedPartition().Callback(5, 'a', 1h).Callback(6, 'a', 2h).Marker('a', 30min).Judged(),
      "5 has no result; 1 duplicate");
}

TEST(AuditLedger, ReportsOneOfTwoCallbacksOfTheSameMillisecond) {
  EXPECT_EQ(AuditedPartition().Callback(5, 'a').Callback(6, 'a').Marker('a').Judged(),
            "5 has no result; 1 duplicate");
  EXPECT_EQ(AuditedPartition().Callback(5, 'a').Callback(6, 'a').Marker('a').Outcome(6).Judged(),
            "1 disposed of, 1 duplicate");
}

TEST(AuditLedger, ReportsSecondOutcomeWithinTheWindow) {
  EXPECT_EQ(AuditedPartition().Callback(5, 'a').Marker('a').Outcome(5).Outcome(5).Judged(),
            "5 is surplus to 5; 1 disposed of");
  const auto twice = [](std::chrono::milliseconds apart) {
    return AuditedPartition()
        .Callback(5, 'a', -11h)
        .Callback(6, 'a', -11h + apart)
        .Marker('a', -11h)
        .Marker('a', -11h + apart)
        .Outcome(5, -11h)
        .Outcome(6, -11h + apart);
  };
  EXPECT_EQ(twice(12h - 1ms).Judged(), "6 is surplus to 5; 2 disposed of");
  EXPECT_EQ(twice(12h).Judged(), "2 disposed of");
}

TEST(AuditLedger, ReportsOutcomeAfterMarkerFromBeforeTheRange) {
  EXPECT_EQ(AuditedPartition().Callback(5, 'a').Marker('a', -13h).Marker('a').Outcome(5).Judged(),
            "1 disposed of")
      << "outside of the window";
  EXPECT_EQ(AuditedPartition()
                .Callback(5, 'a', -2h)
                .Marker('a', -13h)
                .Marker('a', -2h)
                .Outcome(5)
                .Judged(),
            "5 is surplus to another; 1 disposed of");
}

TEST(AuditLedger, ReportsOutcomeWithoutMarker) {
  EXPECT_EQ(AuditedPartition().Callback(5, 'a').Outcome(5).Judged(),
            "5 is unmarked; 1 disposed of");
}

// Without a marker, the consumer treats the same record as a first delivery.
TEST(AuditLedger, AcceptsSkippedCallbackOnceItsIdentityHasAMarker) {
  EXPECT_EQ(AuditedPartition().Callback(5, 'a').Marker('a', 24h * 6).Judged(), "1 duplicate");
  EXPECT_EQ(AuditedPartition()
                .Callback(5, 'a')
                .Callback(8, 'a', 11h)
                .Marker('a', 11h)
                .Outcome(8, 11h)
                .Judged(),
            "1 disposed of, 1 duplicate");
}

TEST(AuditLedger, ExpectsTheKindOfOutcomeThatTheMarkerNames) {
  const auto marked = [](MarkedAs as) {
    return AuditedPartition().Callback(5, 'a').Marker('a', 0ms, as);
  };
  AuditedPartition published = marked(MarkedAs::kPublished);
  published.horizon.letters = WallTime::max();
  EXPECT_EQ(published.Judged(), "5 has no result");
  AuditedPartition dead = marked(MarkedAs::kDead);
  dead.horizon.results = WallTime::max();
  EXPECT_EQ(dead.Judged(), "5 has no result");
  dead.horizon.letters = WallTime::max();
  EXPECT_EQ(dead.Judged(), "1 expired");
  AuditedPartition unknown = marked(MarkedAs::kUnknown);
  unknown.horizon.letters = WallTime::max();
  EXPECT_EQ(unknown.Judged(), "1 expired");
}

TEST(AuditLedger, AttributesOutcomesAroundAMarkerWhoseTimeDiffers) {
  EXPECT_EQ(AuditedPartition()
                .Callback(5, 'a')
                .Callback(6, 'a', 1h)
                .Marker('a', 1min)
                .Outcome(5)
                .Judged(),
            "1 disposed of, 1 duplicate");
}

TEST(AuditLedger, FlagsRepeatedCallbacksWithoutMarker) {
  AuditLedger ledger({.from = kNoon - hours(12), .to = kNoon + hours(12)});
  for (const auto& [offset, fact] : {std::pair(5, 'a'), std::pair(6, 'b'), std::pair(7, 'a')}) {
    ledger.Add({.offset = Offset(offset),
                .time = kNoon,
                .is = {.identity = Fact(fact), .fact = Fact(fact)},
                .window = kWindow});
  }
  std::string again;
  for (const AuditFinding& finding : ledger.Judge({}).findings) {
    again += ToText(finding.offset) + (finding.stands_again ? " again; " : "; ");
  }
  EXPECT_EQ(again, "5 again; 6; 7 again; ");
}

}  // namespace
}  // namespace ctl
