#include "common/tracing/recording_limit.h"

#include <gtest/gtest.h>

namespace common::tracing {
namespace {

using namespace std::chrono_literals;

constexpr SpanTime kNow(std::chrono::hours(500'000));

int TakenAt(RecordingLimit& limit, SpanTime now) {
  int taken = 0;
  for (int i = 0; i < 1'000; ++i) taken += limit.Allows(now) ? 1 : 0;
  return taken;
}

TEST(RecordingLimit, AllowsAFewInEachSecond) {
  RecordingLimit limit;
  EXPECT_EQ(TakenAt(limit, kNow), RecordingLimit::kPerSecond);
  EXPECT_EQ(TakenAt(limit, kNow + 999ms), 0);
  EXPECT_EQ(TakenAt(limit, kNow + 1s), RecordingLimit::kPerSecond);
  EXPECT_EQ(TakenAt(limit, kNow + 1h), RecordingLimit::kPerSecond);
}

TEST(RecordingLimit, GoesOnAfterTheClockWasSetBack) {
  RecordingLimit limit;
  EXPECT_EQ(TakenAt(limit, kNow), RecordingLimit::kPerSecond);
  EXPECT_EQ(TakenAt(limit, kNow - 1ms), 0) << "times of two threads may change places";
  EXPECT_EQ(TakenAt(limit, kNow - 1h), RecordingLimit::kPerSecond);
  EXPECT_EQ(TakenAt(limit, kNow - 1h), 0);
}

}  // namespace
}  // namespace common::tracing
