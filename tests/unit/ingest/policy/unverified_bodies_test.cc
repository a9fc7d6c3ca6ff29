#include "ingest/policy/unverified_bodies.h"

#include <gtest/gtest.h>

namespace ingest {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kKiB = 1024;
constexpr std::size_t kMiB = 1024 * kKiB;

UnverifiedBodies::TimePoint At(int ms) { return UnverifiedBodies::TimePoint(milliseconds(ms)); }

TEST(UnverifiedBodies, AreBoundedTogether) {
  UnverifiedBodies bodies(kMiB);
  for (int i = 0; i < 16; ++i) EXPECT_TRUE(bodies.Reserve(0, 64 * kKiB, At(0)));
  EXPECT_FALSE(bodies.Reserve(0, 1, At(0)));
  bodies.Release(64 * kKiB);
  EXPECT_TRUE(bodies.Reserve(0, 64 * kKiB, At(0)));
  EXPECT_FALSE(bodies.Reserve(0, 64 * kKiB, At(5000))) << "time frees nothing";
}

TEST(UnverifiedBodies, MayBeAsLargeAsTheBudgetIfTheyAreAlone) {
  UnverifiedBodies bodies(kMiB);
  EXPECT_TRUE(bodies.Reserve(0, 512 * kKiB, At(0)));
  EXPECT_TRUE(bodies.Reserve(512 * kKiB, 512 * kKiB, At(0)));
  UnverifiedBodies others(kMiB);
  EXPECT_FALSE(others.Reserve(0, kMiB + 1, At(0)));
}

TEST(UnverifiedBodies, LeaveHalfOfTheBudgetToSmallOnes) {
  UnverifiedBodies bodies(kMiB);
  ASSERT_TRUE(bodies.Reserve(0, 512 * kKiB + 1, At(0)));
  EXPECT_FALSE(bodies.Reserve(0, 64 * kKiB + 1, At(0))) << "a large one";
  EXPECT_TRUE(bodies.Reserve(0, 64 * kKiB, At(0)));
  EXPECT_FALSE(bodies.Reserve(64 * kKiB, 1, At(0))) << "one that grows beyond small";
  EXPECT_TRUE(bodies.Reserve(512 * kKiB + 1, 1, At(0))) << "the large one that is let in";
}

TEST(UnverifiedBodies, AreShedIfLargeWhileManyWrongOnesWereReceived) {
  UnverifiedBodies bodies(4 * kMiB);
  bodies.Wasted(UnverifiedBodies::kMostWasted - 1, At(10'000));
  EXPECT_TRUE(bodies.Reserve(0, 64 * kKiB + 1, At(10'000)));
  bodies.Wasted(1, At(10'500));
  EXPECT_FALSE(bodies.Reserve(0, 64 * kKiB + 1, At(10'999)));
  EXPECT_FALSE(bodies.Reserve(64 * kKiB, 1, At(10'999)));
  EXPECT_TRUE(bodies.Reserve(0, 64 * kKiB, At(10'999))) << "an event's usual size";
  EXPECT_TRUE(bodies.Reserve(0, 64 * kKiB + 1, At(11'000))) << "in the next second";
}

}  // namespace
}  // namespace ingest
