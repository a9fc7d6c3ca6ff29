#include "ingest/spool/waiting_age.h"

#include <gtest/gtest.h>

namespace ingest {
namespace {

using common::WallTime;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr WallTime kNoon{hours(24 * 20'000 + 12)};

class WaitingAgeTest : public testing::Test {
 protected:
  /// `later` is on the steady clock, `wall` on the wall clock; both count from the start.
  milliseconds At(seconds later, seconds wall, std::optional<WallTime> oldest,
                  bool is_any_waiting = true) {
    return age_.At(is_any_waiting, oldest, kNoon + wall, start_ + later);
  }

  WaitingAge age_;
  WaitingAge::TimePoint start_{hours(1'000)};
};

TEST_F(WaitingAgeTest, IsTheOldestRecordsAge) {
  EXPECT_EQ(At(seconds(0), seconds(0), kNoon - seconds(7)), seconds(7));
  EXPECT_EQ(At(seconds(5), seconds(5), kNoon - seconds(7)), seconds(12));
  EXPECT_EQ(At(seconds(6), seconds(6), kNoon - seconds(1)), seconds(7)) << "the next record's age";
  EXPECT_EQ(At(seconds(7), seconds(7), std::nullopt, false), seconds(0)) << "no record waits";
  EXPECT_EQ(At(seconds(9), seconds(9), kNoon + seconds(9)), seconds(0));
}

TEST_F(WaitingAgeTest, GrowsAfterTheClockIsSetBack) {
  EXPECT_EQ(At(seconds(0), seconds(0), kNoon - seconds(7)), seconds(7));
  EXPECT_EQ(At(seconds(60), seconds(-3'600), kNoon - seconds(7)), seconds(67));
}

TEST_F(WaitingAgeTest, GrowsFromZeroForARecordFromTheFuture) {
  EXPECT_EQ(At(seconds(0), seconds(0), kNoon + hours(1)), seconds(0));
  EXPECT_EQ(At(seconds(600), seconds(600), kNoon + hours(1)), seconds(600));
}

TEST_F(WaitingAgeTest, GrowsWhileTheOldestRecordIsUnknown) {
  EXPECT_EQ(At(seconds(0), seconds(0), kNoon - seconds(7)), seconds(7));
  EXPECT_EQ(At(seconds(60), seconds(60), std::nullopt), seconds(67));
  EXPECT_EQ(At(seconds(61), seconds(61), kNoon - seconds(7)), seconds(68));
  WaitingAge unknown;
  EXPECT_EQ(unknown.At(true, std::nullopt, kNoon, start_), seconds(0));
  EXPECT_EQ(unknown.At(true, std::nullopt, kNoon, start_ + seconds(60)), seconds(60));
}

}  // namespace
}  // namespace ingest
