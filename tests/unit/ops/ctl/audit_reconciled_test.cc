// Results without a callback.
#include <gtest/gtest.h>

#include "tests/unit/ops/ctl/audit_partition.h"

namespace ctl {
namespace {

using namespace std::chrono_literals;

TEST(AuditLedger, AcceptsACallbackThatComesAfterItsProcessWasReconciled) {
  EXPECT_EQ(
      AuditedPartition().Callback(5, 'a', 10min).Reconciled('a', 1ms).Marker('a', 0ms).Judged(),
      "1 duplicate");
  EXPECT_EQ(AuditedPartition().Reconciled('a', 1ms).Marker('a', 0ms).Judged(), "") << "or never";
}

TEST(AuditLedger, AcceptsALateCallbackOfAnotherProvider) {
  EXPECT_EQ(AuditedPartition()
                .Callback(5, 'b', 10min)
                .Reconciled('b', 1ms, '/')
                .Marker('/', 0ms)
                .Judged(),
            "1 duplicate");
  EXPECT_EQ(AuditedPartition().Callback(5, 'b', 10min).Marker('/', 0ms).Judged(), "5 has no marker")
      << "only a result tells for which callbacks the marker stands";
}

TEST(AuditLedger, ReportsALateCallbackWhoseReconciledResultIsMissing) {
  EXPECT_EQ(
      AuditedPartition().Callback(5, 'a', 10min).Marker('a', 0ms, MarkedAs::kPublished).Judged(),
      "5 has no result");
}

TEST(AuditLedger, ReportsACallbackThatGotAResultAlthoughItsProcessWasReconciled) {
  EXPECT_EQ(AuditedPartition()
                .Callback(5, 'a', 10min)
                .Reconciled('a', 1ms)
                .Marker('a', 0ms)
                .Marker('a', 10min)
                .Outcome(5)
                .Judged(),
            "5 is surplus to another; 1 disposed of");
}

TEST(AuditLedger, ReportsAProcessThatWasReconciledAlthoughItsCallbackWasHandled) {
  const auto handled = [] { return AuditedPartition().Callback(5, 'a').Marker('a').Outcome(5); };
  EXPECT_EQ(handled().Reconciled('a', 2h).Marker('a', 2h).Judged(),
            "5 is reconciled, too; 1 disposed of");
  EXPECT_EQ(handled().Reconciled('a', kWindow + 1h).Marker('a', kWindow + 1h).Judged(),
            "1 disposed of")
      << "after the window it is a new fact";
}

}  // namespace
}  // namespace ctl
