// Events, which have two identities or no outcome.
#include <gtest/gtest.h>

#include "tests/unit/ops/ctl/audit_partition.h"

namespace ctl {
namespace {

using namespace std::chrono_literals;

TEST(AuditLedger, AcceptsEventsWithOneResultForEventAndCallback) {
  EXPECT_EQ(AuditedPartition()
                .Event(5, 'a', 'x')
                .Callback(6, 'a', 1h)
                .Event(7, 'a', 'y', 2h)
                .Marker('a')
                .Marker('x')
                .Outcome(5)
                .Judged(),
            "1 disposed of, 2 duplicate");
}

TEST(AuditLedger, JudgesRepeatedEventByItsOwnWindow) {
  EXPECT_EQ(AuditedPartition()
                .Event(5, 'a', 'x', -6h)
                .Event(6, 'b', 'x', 11h, kWindow + 24h)
                .Marker('a', -6h)
                .Marker('x', -6h)
                .Outcome(5)
                .Judged(),
            "1 disposed of, 1 duplicate");
  EXPECT_EQ(AuditedPartition()
                .Event(5, 'a', 'x', -6h, kWindow + 24h)
                .Event(6, 'a', 'y', 11h, kWindow + 24h)
                .Marker('a', -6h)
                .Marker('x', -6h)
                .Marker('a', 11h)
                .Marker('y', 11h)
                .Outcome(5)
                .Outcome(6)
                .Judged(),
            "2 disposed of")
      << "another event reports the fact again, a window later";
}

TEST(AuditLedger, AcceptsRepeatedEventWithAnotherFact) {
  EXPECT_EQ(AuditedPartition()
                .Event(5, 'a', 'x')
                .Event(6, 'b', 'x', 1h)
                .Marker('a')
                .Marker('x')
                .Outcome(5)
                .Judged(),
            "1 disposed of, 1 duplicate");
  EXPECT_EQ(AuditedPartition()
                .Event(5, 'a', 'x', -6h)
                .Event(6, 'b', 'x', -5h)
                .Event(7, 'c', 'z', 1h)
                .Event(8, 'd', 'x', 11h)
                .Marker('a', -6h)
                .Marker('x', -6h)
                .Outcome(5)
                .Judged(),
            "7 has no marker; 8 has no marker; 1 disposed of, 1 duplicate")
      << "8 came after the window";
}

TEST(AuditLedger, ExpectsNoOutcomeOfIgnoredEvents) {
  EXPECT_EQ(AuditedPartition().Callback(5, 'a').Callback(6, 'a', 1h).Ignored('a').Judged(),
            "1 duplicate, 1 ignored");
  EXPECT_EQ(AuditedPartition().Callback(5, 'a').Callback(6, 'a').Ignored('a').Judged(),
            "1 duplicate, 1 ignored");
}

}  // namespace
}  // namespace ctl
