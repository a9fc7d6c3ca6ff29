// Windows, ranges, and what may have expired.
#include <gtest/gtest.h>

#include "tests/unit/ops/ctl/audit_partition.h"

namespace ctl {
namespace {

using namespace std::chrono_literals;

TEST(AuditLedger, TreatsDeliveryAfterTheWindowAsNewFact) {
  const auto twice = [](std::chrono::milliseconds apart) {
    return AuditedPartition()
        .Callback(5, 'a', -11h)
        .Callback(6, 'a', -11h + apart)
        .Marker('a', -11h)
        .Outcome(5, -11h);
  };
  EXPECT_EQ(twice(12h - 1ms).Judged(), "1 disposed of, 1 duplicate");
  EXPECT_EQ(twice(12h).Judged(), "6 has no marker; 1 disposed of");
  EXPECT_EQ(twice(12h).Marker('a', 1h).Judged(), "6 has no result; 1 disposed of");
  EXPECT_EQ(twice(12h).Marker('a', 1h).Outcome(6, 1h).Judged(), "2 disposed of");
}

TEST(AuditLedger, AllowsForMarkerTimesRoundedUpToTheHour) {
  const auto twice = [](std::chrono::milliseconds apart) {
    return AuditedPartition()
        .Callback(5, 'a', -11h - 59min)
        .Callback(6, 'a', -11h - 59min + apart)
        .Marker('a', -11h - 59min)
        .Outcome(5, -11h);
  };
  EXPECT_EQ(twice(12h + 58min).Judged(), "1 disposed of, 1 duplicate") << "the second is dropped";
  EXPECT_EQ(twice(12h + 58min).Marker('a', 59min).Outcome(6, 1h).Judged(), "2 disposed of")
      << "or handled; both are right";
  EXPECT_EQ(twice(12h + 59min).Judged(), "6 has no marker; 1 disposed of");
}

TEST(AuditLedger, AcceptsDuplicateDroppedWhileFirstWasInHand) {
  const auto backlog = [](std::chrono::milliseconds outcome) {
    return AuditedPartition()
        .Callback(5, 'a', -11h)
        .Callback(6, 'a', 3h)
        .Marker('a', -11h)
        .Outcome(5, outcome);
  };
  EXPECT_EQ(backlog(3h).Judged(), "1 disposed of, 1 duplicate");
  EXPECT_EQ(backlog(3h - 2min).Judged(), "6 has no marker; 1 disposed of");
}

TEST(AuditLedger, IgnoresMissingOutcomeOfFirstDeliveryBeforeTheRange) {
  EXPECT_EQ(AuditedPartition().Callback(6, 'a', -11h).Marker('a', -13h).Judged(), "1 duplicate");
  EXPECT_EQ(AuditedPartition().Callback(6, 'a', 11h).Marker('a', 13h).Judged(), "1 duplicate");
}

TEST(AuditLedger, IgnoresCallbacksOutsideTheRange) {
  EXPECT_EQ(AuditedPartition()
                .Callback(1, 'a', -12h - 1ms)
                .Callback(2, 'b', -12h)
                .Callback(3, 'c', 12h - 1ms)
                .Callback(4, 'd', 12h)
                .Judged(),
            "2 has no marker; 3 has no marker");
}

TEST(AuditLedger, ReportsExpiredInsteadOfMissingIfRecordsMayHaveExpired) {
  AuditedPartition unmarked = AuditedPartition().Callback(5, 'a').Callback(6, 'b', 1h);
  unmarked.horizon.markers = kNoon + 1min;
  EXPECT_EQ(unmarked.Judged(), "6 has no marker; 1 expired");
  AuditedPartition without =
      AuditedPartition().Callback(5, 'a').Callback(6, 'b', 1h).Marker('a').Marker('b', 1h);
  without.horizon.results = kNoon + 1min;
  EXPECT_EQ(without.Judged(), "6 has no result; 1 expired");
  AuditedPartition outcome = AuditedPartition().Callback(5, 'a').Outcome(5);
  outcome.horizon.markers = kNoon + 1min;
  EXPECT_EQ(outcome.Judged(), "1 disposed of");
}

TEST(AuditLedger, IgnoresMarkersWithoutCallbackIfCallbacksHaveExpired) {
  AuditedPartition partition = AuditedPartition().Callback(6, 'a', 1h).Marker('a', -1h);
  partition.horizon.callbacks = kNoon;
  EXPECT_EQ(partition.Judged(), "1 duplicate");
}

TEST(AuditLedger, TreatsLateCopyFromTheSpoolAsDuplicate) {
  EXPECT_EQ(AuditedPartition()
                .Callback(5, 'a', -11h)
                .Spooled(6, 'a', 10h, 21h)
                .Marker('a', -11h)
                .Outcome(5)
                .Judged(),
            "1 disposed of, 1 duplicate");
  EXPECT_EQ(AuditedPartition()
                .Callback(5, 'a', -11h)
                .Spooled(6, 'a', 10h, 21h)
                .Marker('a', -11h)
                .Marker('a', -2h)
                .Outcome(5)
                .Outcome(6)
                .Judged(),
            "6 is surplus to 5; 2 disposed of")
      << "a second result of the same delivery";
}

TEST(AuditLedger, ExpectsMarkerOfSpooledCallbackAtItsReceiptTime) {
  EXPECT_EQ(AuditedPartition().Spooled(5, 'a', 3h, 4h).Marker('a', -1h).Outcome(5).Judged(),
            "1 disposed of");
  EXPECT_EQ(AuditedPartition().Spooled(5, 'a', 3h, 4h).Marker('a', -1h).Judged(),
            "5 has no result");
  EXPECT_EQ(AuditedPartition().Spooled(5, 'a', -11h, 9h).Marker('a', -20h).Outcome(5).Judged(),
            "1 disposed of")
      << "its own marker is from before the range";
  EXPECT_EQ(AuditedPartition().Spooled(5, 'a', -11h, 9h).Judged(), "5 has no marker");
}

}  // namespace
}  // namespace ctl
