#include "consumer/kafka/silence.h"

#include <gtest/gtest.h>

namespace consumer {
namespace {

using std::chrono::seconds;

const Silence::Clock::time_point kStart{seconds(1'000)};

TEST(Silence, LastsFromFirstFailureToLastOne) {
  Silence silence;
  for (int second = 0; second <= 12; second += 3) silence.Failed("ends", kStart + seconds(second));
  EXPECT_EQ(silence.Length(), seconds(12));
}

TEST(Silence, NeedsThreeFailures) {
  Silence silence;
  silence.Failed("ends", kStart);
  silence.Failed("ends", kStart + seconds(9));
  EXPECT_EQ(silence.Length(), seconds(0));
  silence.Failed("ends", kStart + seconds(10));
  EXPECT_EQ(silence.Length(), seconds(10));
}

TEST(Silence, EndsWithSuccessOfThatKindOnly) {
  Silence silence;
  for (int second = 0; second <= 5; ++second) {
    silence.Failed("ends", kStart + seconds(second));
    silence.Succeeded("metadata");
  }
  EXPECT_EQ(silence.Length(), seconds(5));
  silence.Succeeded("ends");
  EXPECT_EQ(silence.Length(), seconds(0));
}

TEST(Silence, CountsCallsThatAreRare) {
  Silence silence;
  for (int second = 0; second <= 78; second += 26) silence.Failed("ends", kStart + seconds(second));
  EXPECT_EQ(silence.Length(), seconds(78));
}

TEST(Silence, DoesNotCountTimeWithoutCalls) {
  Silence silence;
  for (int second = 0; second <= 4; second += 2) silence.Failed("ends", kStart + seconds(second));
  silence.Failed("ends", kStart + seconds(3'600));
  EXPECT_EQ(silence.Length(), seconds(0));
}

TEST(RenewalPatience, DoublesUntilNothingWasRenewedForLong) {
  RenewalPatience patience;
  auto now = kStart;
  for (const int expected : {10, 20, 40, 60, 60}) {
    EXPECT_FALSE(patience.IsOver(seconds(expected) - seconds(1), now)) << expected;
    EXPECT_TRUE(patience.IsOver(seconds(expected), now)) << expected;
    patience.Renewed(now);
    now += seconds(60);
  }
  now += seconds(121);
  EXPECT_TRUE(patience.IsOver(seconds(10), now));
}

}  // namespace
}  // namespace consumer
