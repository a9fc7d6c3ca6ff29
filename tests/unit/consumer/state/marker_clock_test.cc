#include "consumer/state/marker_clock.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace consumer {
namespace {

using namespace std::chrono_literals;

constexpr common::WallTime kTime{1'700'000'000'123ms};

struct Row {
  std::string name;
  int refusals;
  std::chrono::minutes ahead;      ///< The record time, relative to our clock.
  std::chrono::minutes timestamp;  ///< The marker's timestamp, relative to our clock.
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

class MarkerTimestamp : public ::testing::TestWithParam<Row> {};

TEST_P(MarkerTimestamp, IsAsTabulated) {
  MarkerClock clock;
  for (int i = 0; i < GetParam().refusals; ++i) ASSERT_TRUE(clock.GoBack());
  EXPECT_EQ(clock.TimestampOf(kTime + GetParam().ahead, kTime), kTime + GetParam().timestamp);
}

INSTANTIATE_TEST_SUITE_P(Table, MarkerTimestamp,
                         ::testing::Values(Row{"the_record_time", 0, -5min, -5min},
                                           Row{"of_an_old_record", 0, -99h, -99h},
                                           Row{"a_little_ahead", 0, 30min, 30min},
                                           Row{"now_instead_of_the_future", 0, 31min, 0min},
                                           Row{"now_instead_of_a_far_future", 0, 99'999h, 0min},
                                           Row{"now_after_a_refusal", 1, -99h, 0min},
                                           Row{"an_hour_ago_after_two", 2, 2h, -1h},
                                           Row{"a_day_ago", 25, 2h, -24h}),
                         [](const auto& test) { return test.param.name; });

TEST(MarkerClock, StopsGoingBackAfterOneDay) {
  MarkerClock clock;
  int steps = 0;
  while (clock.GoBack()) ++steps;
  EXPECT_EQ(steps, 27);
  EXPECT_EQ(clock.TimestampOf(kTime, kTime), kTime - 26h);
}

}  // namespace
}  // namespace consumer
