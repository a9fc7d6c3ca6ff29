#include "consumer/kafka/join_watch.h"

#include <gtest/gtest.h>

namespace consumer {
namespace {

using std::chrono::seconds;

constexpr JoinWatch::Clock::time_point kStart{std::chrono::hours(1)};

TEST(JoinWatch, ExpectsNoLateJoinWhileAllAreAnswered) {
  JoinWatch watch;
  EXPECT_FALSE(watch.MayComeLate(kStart));
  watch.Sent();
  EXPECT_FALSE(watch.MayComeLate(kStart)) << "not late yet";
  watch.Ended(/*is_answered=*/true, kStart);
  EXPECT_FALSE(watch.MayComeLate(kStart));
}

TEST(JoinWatch, ExpectsUnansweredJoinUntilMinuteAfterLaterOneIsAnswered) {
  JoinWatch watch;
  watch.Sent();
  watch.Ended(/*is_answered=*/false, kStart);
  const auto thawed = kStart + std::chrono::hours(3);
  EXPECT_TRUE(watch.MayComeLate(thawed)) << "however long the broker is frozen";
  watch.Sent();
  watch.Ended(/*is_answered=*/true, thawed);
  watch.Ended(/*is_answered=*/true, thawed + seconds(50));
  EXPECT_TRUE(watch.MayComeLate(thawed + seconds(59)));
  EXPECT_FALSE(watch.MayComeLate(thawed + seconds(60)));
}

TEST(JoinWatch, IgnoresJoinThatWasNeverSent) {
  JoinWatch watch;
  watch.Ended(/*is_answered=*/false, kStart);
  EXPECT_FALSE(watch.MayComeLate(kStart));
}

}  // namespace
}  // namespace consumer
