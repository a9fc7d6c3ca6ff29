#include "consumer/kafka/join_watch.h"

#include <gtest/gtest.h>

namespace consumer {
namespace {

using std::chrono::seconds;

constexpr JoinWatch::Clock::time_point kStart{std::chrono::hours(1)};

TEST(JoinWatch, ExpectsNoLateJoinWhileAllAreAnswered) {
  JoinWatch watch;
  EXPECT_FALSE(watch.TakeLateJoin(kStart));
  watch.Sent();
  EXPECT_FALSE(watch.TakeLateJoin(kStart)) << "not late yet";
  watch.Ended(/*is_answered=*/true, kStart);
  EXPECT_FALSE(watch.TakeLateJoin(kStart));
}

TEST(JoinWatch, ExpectsUnansweredJoinUntilMinuteAfterLaterOneIsAnswered) {
  JoinWatch watch;
  watch.Sent();
  watch.Sent();
  watch.Ended(/*is_answered=*/false, kStart);
  watch.Ended(/*is_answered=*/false, kStart);
  const auto thawed = kStart + std::chrono::hours(3);
  watch.Sent();
  watch.Ended(/*is_answered=*/true, thawed);
  watch.Sent();
  watch.Ended(/*is_answered=*/true, thawed + seconds(50));
  EXPECT_TRUE(watch.TakeLateJoin(thawed + seconds(59)));
  EXPECT_FALSE(watch.TakeLateJoin(thawed + seconds(60)));
}

TEST(JoinWatch, ExpectsUnansweredJoinHoweverLongBrokerIsFrozen) {
  JoinWatch watch;
  watch.Sent();
  watch.Ended(/*is_answered=*/false, kStart);
  EXPECT_TRUE(watch.TakeLateJoin(kStart + std::chrono::hours(3)));
}

TEST(JoinWatch, ExplainsOneFencingByEachUnansweredJoin) {
  JoinWatch watch;
  for (int i = 0; i < 2; ++i) {
    watch.Sent();
    watch.Ended(/*is_answered=*/false, kStart);
  }
  EXPECT_TRUE(watch.TakeLateJoin(kStart));
  EXPECT_TRUE(watch.TakeLateJoin(kStart));
  EXPECT_FALSE(watch.TakeLateJoin(kStart));
}

TEST(JoinWatch, ForgetsJoinsOfEarlierFreeze) {
  JoinWatch watch;
  watch.Sent();
  watch.Ended(/*is_answered=*/false, kStart);
  watch.Sent();
  watch.Ended(/*is_answered=*/true, kStart);
  const auto later = kStart + std::chrono::minutes(10);
  watch.Sent();
  watch.Ended(/*is_answered=*/false, later);
  EXPECT_TRUE(watch.TakeLateJoin(later));
  EXPECT_FALSE(watch.TakeLateJoin(later));
}

TEST(JoinWatch, IgnoresJoinThatWasNeverSent) {
  JoinWatch watch;
  watch.Ended(/*is_answered=*/false, kStart);
  EXPECT_FALSE(watch.TakeLateJoin(kStart));
}

}  // namespace
}  // namespace consumer
