#include "consumer/lane/callback_reading.h"

#include <gtest/gtest.h>

namespace consumer {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr common::WallTime kNoon{hours(480'000)};
constexpr std::chrono::steady_clock::time_point kStart{hours(1)};

/// The end of the log is `end`, as looked up `ago` before the moment.
LogBounds EndAt(std::int64_t end, const Moment& now, minutes ago = minutes(0)) {
  return {.end = Offset(end), .looked_up_at = now.steady - ago};
}

Moment At(minutes after) { return {kStart + after, kNoon + after}; }

TEST(CallbackReading, ReachesTheTimeAtWhichItsEndWasLookedUp) {
  CallbackReading reading;
  reading.Learn(EndAt(7, At(minutes(10)), minutes(3)), At(minutes(10)));
  EXPECT_FALSE(reading.HasReached(Offset(6)));
  EXPECT_EQ(reading.until(), common::WallTime()) << "one callback is left to read";
  EXPECT_FALSE(reading.HasReached(Offset(7)));
  EXPECT_EQ(reading.until(), kNoon + minutes(7));
}

TEST(CallbackReading, KeepsItsTimeWhileLaterEndIsNotReached) {
  CallbackReading reading;
  reading.Learn(EndAt(7, At(minutes(1))), At(minutes(1)));
  EXPECT_FALSE(reading.HasReached(Offset(7)));
  reading.Learn(EndAt(9, At(minutes(2))), At(minutes(2)));
  EXPECT_FALSE(reading.HasReached(Offset(8)));
  EXPECT_EQ(reading.until(), kNoon + minutes(1));
}

// Otherwise it would be ahead of the clock, and our own backlog would count as lost callbacks.
TEST(CallbackReading, GoesBackWhenOurClockDoes) {
  CallbackReading reading;
  reading.Learn(EndAt(0, At(minutes(5))), At(minutes(5)));
  EXPECT_FALSE(reading.HasReached(Offset(0)));
  reading.Learn(EndAt(1, At(minutes(6))), {kStart + minutes(6), kNoon});
  EXPECT_FALSE(reading.HasReached(Offset(0)));
  EXPECT_EQ(reading.until(), kNoon);
}

TEST(CallbackReading, PassesAnnouncementOnceAnEndFromAfterItIsReached) {
  CallbackReading reading;
  reading.Announced(kNoon - hours(1), At(minutes(5)).steady);
  reading.Learn(EndAt(7, At(minutes(6)), minutes(2)), At(minutes(6)));
  EXPECT_FALSE(reading.HasReached(Offset(7))) << "looked up before the announcement was read";
  reading.Learn(EndAt(7, At(minutes(7)), minutes(2)), At(minutes(7)));
  EXPECT_FALSE(reading.HasReached(Offset(6)));
  EXPECT_EQ(reading.HasReached(Offset(7)), kNoon - hours(1));
  EXPECT_FALSE(reading.HasReached(Offset(7))) << "only once";
}

TEST(CallbackReading, PassesNextAnnouncementAfterTheFirstOne) {
  CallbackReading reading;
  reading.Announced(kNoon, At(minutes(1)).steady);
  reading.Announced(kNoon + minutes(1), At(minutes(1)).steady);
  reading.Learn(EndAt(0, At(minutes(2))), At(minutes(2)));
  EXPECT_EQ(reading.HasReached(Offset(0)), kNoon);
  reading.Announced(kNoon + minutes(2), At(minutes(3)).steady);
  EXPECT_FALSE(reading.HasReached(Offset(0))) << "no end from after it yet";
  reading.Learn(EndAt(0, At(minutes(4))), At(minutes(4)));
  EXPECT_EQ(reading.HasReached(Offset(0)), kNoon + minutes(2));
}

}  // namespace
}  // namespace consumer
