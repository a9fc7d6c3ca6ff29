#include "common/telemetry/log_throttle.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace common {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(LogThrottle, ReportsNumberOfSuppressedLines) {
  KeyedLogThrottle throttle;
  const LogThrottle::Clock::time_point start{};
  EXPECT_EQ(throttle.Admit("a", start), 0);
  EXPECT_EQ(throttle.Admit("a", start + milliseconds(10)), std::nullopt);
  EXPECT_EQ(throttle.Admit("a", start + milliseconds(20)), std::nullopt);
  EXPECT_EQ(throttle.Admit("b", start + milliseconds(30)), 0) << "another kind";
  EXPECT_EQ(throttle.Admit("a", start + milliseconds(1'000)), 2);
  EXPECT_EQ(throttle.Admit("a", start + milliseconds(2'000)), 0);
}

TEST(LogThrottle, HoldsItsOwnInterval) {
  LogThrottle throttle(seconds(10));
  const LogThrottle::Clock::time_point start{};
  EXPECT_EQ(throttle.Admit(start), 0);
  EXPECT_EQ(throttle.Admit(start + milliseconds(9'999)), std::nullopt);
  EXPECT_EQ(throttle.Admit(start + seconds(10)), 1);
}

TEST(LogThrottle, AdmitsOneLineAndCountsTheOthersOfManyThreads) {
  LogThrottle throttle;
  const LogThrottle::Clock::time_point start{};
  std::atomic<int> admitted = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int k = 0; k < 1'000; ++k) admitted += throttle.Admit(start).has_value() ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(admitted, 1);
  EXPECT_EQ(throttle.Admit(start + seconds(1)), 3'999);
}

}  // namespace
}  // namespace common
