#include "tests/soak/consumer_watch.h"

#include <gtest/gtest.h>

namespace soak {
namespace {

using Sample = ConsumerWatch::Sample;

TEST(ConsumerWatch, FindsTheLargestValueInAShareOfAPhase) {
  std::vector<Sample> samples;
  for (const double pending : {9, 1, 2, 3}) samples.push_back({.part = "down", .pending = pending});
  samples.push_back({.part = "back", .pending = 100});
  EXPECT_EQ(MostOf(samples, "down", &Sample::pending, 0, 100), 9);
  EXPECT_EQ(MostOf(samples, "down", &Sample::pending, 25, 100), 3);
  EXPECT_EQ(MostOf(samples, "down", &Sample::pending, 25, 75), 2);
  EXPECT_EQ(MostOf(samples, "back", &Sample::pending, 0, 100), 100);
  EXPECT_EQ(MostOf(samples, "unheard of", &Sample::pending, 0, 100), 0);
}

TEST(ConsumerWatch, AddsPendingCallbacksToTheLag) {
  EXPECT_EQ((Sample{.part = "down", .pending = 3, .lag = 4}).backlog(), 7);
}

}  // namespace
}  // namespace soak
