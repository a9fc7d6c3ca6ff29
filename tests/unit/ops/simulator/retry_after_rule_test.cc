#include "ops/simulator/retry_after_rule.h"

#include <gtest/gtest.h>

namespace simulator {
namespace {

using namespace std::chrono_literals;

const RetryAfterRule::TimePoint kNow{1000h};

TEST(RetryAfterRule, HoldsTheToldPathForTheWholeRetryAfter) {
  RetryAfterRule rule;
  rule.Told("a", kNow + 20ms, kNow + 30s);
  EXPECT_FALSE(rule.IsBroken("a", kNow + 900ms)) << "may have been in flight";
  EXPECT_TRUE(rule.IsBroken("a", kNow + 29s));
  EXPECT_FALSE(rule.IsBroken("a", kNow + 30s));
  EXPECT_FALSE(rule.IsBroken("b", kNow + 3s)) << "one path alone does not hold the host";
  EXPECT_FALSE(rule.IsBroken("b", kNow + 20s));
}

TEST(RetryAfterRule, HoldsTheHostWhileTwoPathsMustWait) {
  RetryAfterRule rule;
  rule.Told("a", kNow, kNow + 60s);
  rule.Told("b", kNow + 10s, kNow + 40s);
  EXPECT_FALSE(rule.IsBroken("c", kNow + 10'900ms)) << "the Retry-After is too recent";
  EXPECT_TRUE(rule.IsBroken("c", kNow + 39s));
  EXPECT_FALSE(rule.IsBroken("c", kNow + 40s));
  EXPECT_TRUE(rule.IsBroken("a", kNow + 59s));
}

TEST(RetryAfterRule, DoesNotHoldTheHostIfTheSecondIsLateOrTheSamePath) {
  RetryAfterRule rule;
  rule.Told("a", kNow, kNow + 60s);
  rule.Told("a", kNow + 5s, kNow + 60s);
  rule.Told("b", kNow + 16s, kNow + 60s);
  EXPECT_FALSE(rule.IsBroken("c", kNow + 30s));
}

TEST(RetryAfterRule, DoesNotHoldTheHostIfOtherPathsSucceedMeanwhile) {
  RetryAfterRule rule;
  rule.Told("a", kNow, kNow + 60s);
  rule.AnsweredWell("good", kNow + 1s);
  rule.Told("b", kNow + 2s, kNow + 60s);
  EXPECT_FALSE(rule.IsBroken("c", kNow + 30s));
  EXPECT_TRUE(rule.IsBroken("a", kNow + 30s));
}

TEST(RetryAfterRule, IgnoresPathsThatKeepFailingWhileOthersSucceed) {
  RetryAfterRule rule;
  rule.Told("a", kNow, kNow + 60s);
  rule.Told("b", kNow + 20s, kNow + 60s);
  rule.AnsweredWell("good", kNow + 40s);
  rule.Told("a", kNow + 60s, kNow + 120s);
  rule.Told("b", kNow + 62s, kNow + 120s);
  EXPECT_FALSE(rule.IsBroken("c", kNow + 90s));
  rule.AnsweredWell("a", kNow + 120s);
  rule.Told("a", kNow + 130s, kNow + 160s);
  rule.Told("d", kNow + 131s, kNow + 160s);
  EXPECT_TRUE(rule.IsBroken("c", kNow + 140s)) << "the path had recovered";
}

TEST(RetryAfterRule, GrantsNoGraceForARepeatedRetryAfter) {
  RetryAfterRule rule;
  rule.Told("a", kNow, kNow + 10s);
  rule.Told("a", kNow + 8s, kNow + 18s);
  EXPECT_TRUE(rule.IsBroken("a", kNow + 8100ms));
  rule.Told("a", kNow + 20s, kNow + 30s);
  EXPECT_FALSE(rule.IsBroken("a", kNow + 20'100ms));
}

}  // namespace
}  // namespace simulator
