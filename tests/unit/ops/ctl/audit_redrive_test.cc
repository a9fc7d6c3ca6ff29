// Redriven callbacks and dead letters.
#include <gtest/gtest.h>

#include "tests/unit/ops/ctl/audit_partition.h"

namespace ctl {
namespace {

using namespace std::chrono_literals;

// The consumer would drop the same record as a duplicate, so its replacement has another identity
// and names it.
TEST(AuditLedger, JudgesTheReplacementInsteadOfTheCallback) {
  const auto put_back = [] {
    return AuditedPartition().Callback(5, 'a').Redriven(70, 'b', 24h * 6, 5).Marker('a');
  };
  EXPECT_EQ(put_back().Judged(), "70 has no marker; 1 handed over");
  EXPECT_EQ(put_back().Marker('b', 24h * 6).Judged(), "70 has no result; 1 handed over");
  EXPECT_EQ(put_back().Marker('b', 24h * 6).Outcome(70).Judged(), "1 disposed of, 1 handed over");
}

TEST(AuditLedger, FollowsReplacementsOfReplacements) {
  EXPECT_EQ(AuditedPartition()
                .Callback(5, 'a')
                .Redriven(70, 'b', 24h * 6, 5)
                .Redriven(71, 'c', 24h * 7, 70)
                .Marker('a')
                .Marker('b', 24h * 6)
                .Marker('c', 24h * 7)
                .Outcome(71)
                .Judged(),
            "1 disposed of, 2 handed over");
}

TEST(AuditLedger, TreatsSecondReplacementAsDuplicate) {
  EXPECT_EQ(AuditedPartition()
                .Callback(5, 'a')
                .Redriven(70, 'b', 24h * 6, 5)
                .Redriven(71, 'b', 24h * 6 + 1min, 5)
                .Marker('a')
                .Marker('b', 24h * 6)
                .Outcome(70)
                .Judged(),
            "1 disposed of, 1 duplicate, 1 handed over");
}

TEST(AuditLedger, IgnoresReplacementsOfCallbacksInAnotherRange) {
  EXPECT_EQ(AuditedPartition().Callback(5, 'a').Redriven(70, 'b', 24h * 6, 4).Marker('a').Judged(),
            "5 has no result");
}

TEST(AuditLedger, LinksRedriveToItsOriginalOnlyIfFactAndDeliveryMatch) {
  EXPECT_EQ(AuditedPartition().Callback(5, 'a').Redriven(70, 'b', 1h, 5, 'x').Marker('a').Judged(),
            "5 has no result; 70 has no marker")
      << "a redrive of another callback at that offset";
  EXPECT_EQ(AuditedPartition()
                .Callback(5, 'a', 0ms, 1)
                .Redriven(70, 'b', 1h, 5, 'a', 2)
                .Marker('a')
                .Judged(),
            "5 has no result; 70 has no marker");
  EXPECT_EQ(AuditedPartition()
                .Callback(5, 'a', 0ms, 1)
                .Redriven(70, 'b', 1h, 5, 'a', 1)
                .Marker('a')
                .Marker('b', 1h)
                .ResultOf('a', 70, 2h, 1)
                .Judged(),
            "1 disposed of, 1 handed over");
}

TEST(AuditLedger, MatchesDeadLetterByIdentityOrByDeliveryIfItHasNoBody) {
  EXPECT_EQ(AuditedPartition().Callback(5, 'a').Marker('a').LetterOf('a', 5).Judged(),
            "1 disposed of");
  EXPECT_EQ(AuditedPartition().Callback(5, 'a', 0ms, 1).Marker('a').LetterOf({}, 5, 1).Judged(),
            "1 disposed of");
  EXPECT_EQ(AuditedPartition().Callback(5, 'a', 0ms, 1).Marker('a').LetterOf({}, 5, 2).Judged(),
            "5 has no result");
  EXPECT_EQ(AuditedPartition().Callback(5, 'a').Marker('a').LetterOf({}, 5).Judged(),
            "1 disposed of")
      << "only its place identifies it";
}

}  // namespace
}  // namespace ctl
