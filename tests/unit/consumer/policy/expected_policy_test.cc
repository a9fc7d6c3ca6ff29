#include "consumer/policy/expected_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace consumer {
namespace {

using namespace std::chrono_literals;
using common::WallTime;

constexpr WallTime kNoon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + 12h};

ExpectedPolicy Policy() { return ExpectedPolicy({.within = 1h, .max_wait = 24h}, 10min); }

std::string Describe(const LookDecision& decision) {
  if (const auto* again = std::get_if<LookAgain>(&decision)) {
    const auto after = std::chrono::duration_cast<std::chrono::minutes>(again->at - kNoon);
    return "again at " + std::to_string(after.count()) + " min";
  }
  switch (std::get<ExpectedEnd>(decision)) {
    case ExpectedEnd::kUnfinished:
      return "unfinished";
    case ExpectedEnd::kGone:
      return "gone";
    default:
      return "?";
  }
}

TEST(ExpectedPolicy, LooksOnceTheCallbackIsLate) {
  EXPECT_EQ(Policy().FirstLook(kNoon, 30min, kNoon, 0.9), kNoon + 30min);
}

TEST(ExpectedPolicy, SpreadsOverdueLooksOverWithinAndAtMostTenMinutes) {
  const WallTime now = kNoon + 5h;
  EXPECT_EQ(Policy().FirstLook(kNoon, 1h, now, 0.0), now);
  EXPECT_EQ(Policy().FirstLook(kNoon, 1h, now, 0.5), now + 5min);
  EXPECT_EQ(Policy().FirstLook(kNoon, 1min, now, 0.5), now + 30s);
}

struct Row {
  const char* name;
  LookAnswer answer;
  std::chrono::minutes now;  // After the announcement at noon.
  int looks;
  int failures;
  std::optional<std::chrono::minutes> missing_since;
  std::chrono::minutes within;
  const char* decision;
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

class ExpectedPolicyLook : public testing::TestWithParam<Row> {};

TEST_P(ExpectedPolicyLook, Decides) {
  const Row& row = GetParam();
  LookHistory history{
      .announced_at = kNoon, .within = row.within, .looks = row.looks, .failures = row.failures};
  if (row.missing_since) history.missing_since = kNoon + *row.missing_since;
  EXPECT_EQ(Describe(Policy().Decide(row.answer, history, kNoon + row.now)), row.decision);
}

using enum LookAnswer;
INSTANTIATE_TEST_SUITE_P(
    Rows, ExpectedPolicyLook,
    testing::Values(
        Row{"first_unfinished", kUnfinished, 60min, 0, 0, {}, 60min, "again at 75 min"},
        Row{"second_unfinished", kUnfinished, 75min, 1, 0, {}, 60min, "again at 105 min"},
        Row{"third_unfinished", kUnfinished, 105min, 2, 0, {}, 60min, "again at 165 min"},
        Row{"short_within", kUnfinished, 2min, 0, 0, {}, 2min, "again at 4 min"},
        Row{"tiny_within", kUnfinished, 2min, 0, 0, {}, 0min, "again at 3 min"},
        Row{"tiny_within_many_looks", kUnfinished, 10min, 250, 0, {}, 0min, "again at 1440 min"},
        Row{"last_look_at_max_wait", kUnfinished, 1'000min, 6, 0, {}, 60min, "again at 1440 min"},
        Row{"unfinished_at_max_wait", kUnfinished, 1'440min, 7, 0, {}, 60min, "unfinished"},
        Row{"first_missing", kMissing, 60min, 0, 0, {}, 60min, "again at 70 min"},
        Row{"still_missing_too_soon", kMissing, 65min, 0, 0, 60min, 60min, "again at 70 min"},
        Row{"missing_for_long", kMissing, 70min, 0, 0, 60min, 60min, "gone"},
        Row{"gone", kGone, 60min, 0, 0, {}, 60min, "gone"},
        Row{"first_failure", kFailed, 60min, 0, 0, {}, 60min, "again at 61 min"},
        Row{"fourth_failure", kFailed, 60min, 0, 3, {}, 60min, "again at 68 min"},
        Row{"many_failures", kFailed, 60min, 0, 250, {}, 60min, "again at 120 min"},
        Row{"failure_at_max_wait_ends_nothing",
            kFailed,
            1'440min,
            5,
            0,
            {},
            60min,
            "again at 1441 min"},
        Row{"failure_a_day_later", kFailed, 2'880min, 5, 9, {}, 60min, "unfinished"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(ExpectedPolicy, CallsCallbackLostOnceProcessIsFinishedForLongerThanUsual) {
  EXPECT_FALSE(ExpectedPolicy::IsLost(kNoon, 1h, kNoon + 1h));
  EXPECT_TRUE(ExpectedPolicy::IsLost(kNoon, 1h, kNoon + 61min));
  EXPECT_FALSE(ExpectedPolicy::IsLost(kNoon + 2h, 1h, kNoon)) << "their clock is ahead";
}

}  // namespace
}  // namespace consumer
