#include "common/base/deadline.h"

#include <gtest/gtest.h>

namespace common {
namespace {

using std::chrono::milliseconds;

TEST(Deadline, ReportsZeroRemainingAfterItPassed) {
  const Deadline deadline = Deadline::After(milliseconds(-50));
  EXPECT_TRUE(deadline.HasPassed());
  EXPECT_EQ(deadline.Remaining(), milliseconds(0));
}

TEST(Deadline, RoundsRemainingTimeUp) {
  const Deadline deadline = Deadline::After(std::chrono::hours(1) - std::chrono::microseconds(1));
  const milliseconds remaining = deadline.Remaining();
  EXPECT_FALSE(deadline.HasPassed());
  EXPECT_LE(remaining, std::chrono::hours(1));
  EXPECT_GT(remaining, std::chrono::minutes(59));
}

}  // namespace
}  // namespace common
