// Records of an earlier life of the log, or of a copied one.
#include <gtest/gtest.h>

#include "tests/unit/ops/ctl/audit_partition.h"

namespace ctl {
namespace {

using namespace std::chrono_literals;

// In an earlier life of the log, another callback may have had the same offset.
TEST(AuditLedger, IgnoresResultOfAnotherFactAtTheSameOffset) {
  EXPECT_EQ(AuditedPartition().Callback(5, 'a').ResultOf('b', 5).Judged(), "5 has no marker");
  EXPECT_EQ(AuditedPartition().Callback(5, 'a').Marker('a').ResultOf('b', 5).Judged(),
            "5 has no result");
  EXPECT_EQ(AuditedPartition().Callback(5, 'a').LetterOf('b', 5).Judged(), "5 has no marker");
  EXPECT_EQ(AuditedPartition().Callback(5, 'a').Marker('a').ResultOf('b', 5).Outcome(5).Judged(),
            "1 disposed of")
      << "nor may it count as one of several";
}

TEST(AuditLedger, IgnoresResultOfAnotherDeliveryAtTheSameOffset) {
  EXPECT_EQ(AuditedPartition().Callback(5, 'a', 0ms, 1).ResultOf('a', 5, 1min, 2).Judged(),
            "5 has no marker");
  EXPECT_EQ(
      AuditedPartition().Callback(5, 'a', 0ms, 1).ResultOf('a', 5, 1min, 1).Marker('a').Judged(),
      "1 disposed of");
  EXPECT_EQ(AuditedPartition().Callback(5, 'a', 0ms, 1).ResultOf('a', 5).Marker('a').Judged(),
            "1 disposed of")
      << "one of the two names no delivery";
}

TEST(AuditLedger, IgnoresResultOlderThanItsCallback) {
  EXPECT_EQ(AuditedPartition().Callback(5, 'a').ResultOf('a', 5, -2min).Judged(),
            "5 has no marker");
  EXPECT_EQ(AuditedPartition().Callback(5, 'a').ResultOf('a', 5, -30s).Judged(),
            "5 is unmarked; 1 disposed of")
      << "clocks may differ slightly";
  EXPECT_EQ(AuditedPartition().Callback(5, 'a', 2h).ResultOf('a', 5, 0ms).Marker('a', 2h).Judged(),
            "1 duplicate")
      << "a record from the future, so nothing is missing";
  EXPECT_EQ(AuditedPartition()
                .Callback(5, 'a', 11h)
                .Marker('a', -10h)
                .Marker('a', 11h)
                .ResultOf('a', 5, -10h)
                .ResultOf('a', 5, 11h)
                .Judged(),
            "1 disposed of")
      << "the other belongs to an earlier callback at that offset";
}

TEST(AuditLedger, TreatsRedeliveryOfFactFromEarlierLogAsDuplicate) {
  EXPECT_EQ(
      AuditedPartition().Callback(0, 'a', 1h, 2).Marker('a').ResultOf('a', 500, 1min, 1).Judged(),
      "1 duplicate");
  EXPECT_EQ(AuditedPartition().Callback(0, 'a', 1h, 2).Marker('a').Judged(), "0 has no result")
      << "only if it has a result";
}

TEST(AuditLedger, ReportsSecondOutcomeOfFactFromEarlierLog) {
  const auto twice = [](std::chrono::milliseconds apart) {
    return AuditedPartition()
        .Callback(0, 'a', -11h + apart, 2)
        .Marker('a', -11h)
        .Marker('a', -11h + apart)
        .ResultOf('a', 500, -11h, 1)
        .ResultOf('a', 0, -11h + apart, 2);
  };
  EXPECT_EQ(twice(1h).Judged(), "0 is surplus to another; 1 disposed of");
  EXPECT_EQ(twice(12h).Judged(), "1 disposed of") << "after the window";
}

TEST(AuditLedger, RecognisesDeliveryInACopiedLog) {
  EXPECT_EQ(
      AuditedPartition().Callback(0, 'a', 0ms, 1).Marker('a').ResultOf('a', 500, 1min, 1).Judged(),
      "1 disposed of");
  EXPECT_EQ(AuditedPartition()
                .Callback(0, 'a', 0ms, 1)
                .Callback(1, 'a', 1s, 1)
                .Marker('a')
                .ResultOf('a', 500, 1min, 1)
                .Judged(),
            "1 disposed of, 1 duplicate")
      << "a copied delivery has no result of its own";
}

TEST(AuditLedger, AttributesOutcomeToTheLatestMarkerBeforeIt) {
  EXPECT_EQ(AuditedPartition()
                .Callback(5, 'a')
                .Marker('a')
                .Marker('a', 13h)
                .ResultOf('a', 70, 13h)
                .Judged(),
            "5 has no result")
      << "its callback is after the range";
}

}  // namespace
}  // namespace ctl
