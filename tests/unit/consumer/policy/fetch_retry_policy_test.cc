#include "consumer/policy/fetch_retry_policy.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace consumer {
namespace {

using namespace std::chrono_literals;
using enum Reaction;

std::string Describe(const FetchDecision& decision) {
  if (std::holds_alternative<Done>(decision)) return "done";
  if (const auto* give_up = std::get_if<GiveUp>(&decision)) {
    return "give up: " + std::string(common::ToText(give_up->reason));
  }
  return "retry in " + std::to_string(std::get<RetryIn>(decision).delay.count()) + " ms";
}

struct Row {
  const char* name;
  Reaction reaction;
  FetchHistory history;
  double unit_random;
  const char* decision;
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

class FetchRetryPolicyTable : public testing::TestWithParam<Row> {};

TEST_P(FetchRetryPolicyTable, DecidesAsTabulated) {
  const FetchRetryPolicy policy(
      {.backoff = {.base = 500ms, .cap = 60s}, .max_age = 6h, .not_found_for = 10min});
  const Row& row = GetParam();
  EXPECT_EQ(Describe(policy.Decide(row.reaction, row.history, row.unit_random)), row.decision);
}

constexpr FetchHistory First() { return {}; }
constexpr FetchHistory Aged(std::chrono::milliseconds age) { return {.retries = 3, .age = age}; }

INSTANTIATE_TEST_SUITE_P(
    Rows, FetchRetryPolicyTable,
    testing::Values(Row{"accepted", kAccept, First(), 0.5, "done"},
                    Row{"accepted_however_late", kAccept, Aged(100h), 0.5, "done"},
                    Row{"first_retry", kRetry, First(), 0.5, "retry in 250 ms"},
                    Row{"fourth_retry", kRetry, {.retries = 3}, 0.5, "retry in 2000 ms"},
                    Row{"capped", kRetry, {.retries = 20}, 0.5, "retry in 30000 ms"},
                    Row{"no_jitter", kRetry, {.retries = 3}, 0.0, "retry in 0 ms"},
                    Row{"most_jitter", kRetry, {.retries = 3}, 0.999, "retry in 3996 ms"},
                    Row{"young_enough", kRetry, Aged(6h - 1ms), 0.5, "retry in 2000 ms"},
                    Row{"too_old", kRetry, Aged(6h), 0.5, "give up: too-old"},
                    Row{"too_old_without_a_witness",
                        kRetry,
                        {.retries = 3, .age = 100h, .is_witnessed = false},
                        0.5,
                        "retry in 2000 ms"},
                    Row{"gone_needs_no_witness",
                        kGone,
                        {.age = 100h, .is_witnessed = false},
                        0.5,
                        "give up: gone"},
                    Row{"unauthorized", kRenewToken, Aged(1h), 0.5, "retry in 2000 ms"},
                    Row{"unauthorized_too_long", kRenewToken, Aged(6h), 0.5, "give up: too-old"},
                    Row{"unfinished", kAwait, Aged(6h - 1ms), 0.5, "retry in 2000 ms"},
                    Row{"unfinished_too_long", kAwait, Aged(6h), 0.5, "give up: too-old"},
                    Row{"missing", kRetryMissing, Aged(10min - 1ms), 0.5, "retry in 2000 ms"},
                    Row{"missing_too_long", kRetryMissing, Aged(10min), 0.5, "give up: gone"},
                    Row{"gone", kGone, First(), 0.5, "give up: gone"},
                    Row{"rejected", kReject, First(), 0.5, "give up: rejected"},
                    Row{"too_large", kTooLarge, First(), 0.5, "give up: unreadable-response"},
                    Row{"unreadable_once", kUnreadable, First(), 0.5, "retry in 250 ms"},
                    Row{"unreadable_twice",
                        kUnreadable,
                        {.retries = 1, .unreadable = 1},
                        0.5,
                        "retry in 500 ms"},
                    Row{"unreadable_thrice",
                        kUnreadable,
                        {.retries = 2, .unreadable = 2},
                        0.5,
                        "give up: unreadable-response"},
                    Row{"unreadable_first_after_other_failures",
                        kUnreadable,
                        {.retries = 9, .unreadable = 0},
                        0.001,
                        "retry in 60 ms"},
                    Row{"unreadable_and_too_old", kUnreadable, Aged(6h), 0.5, "give up: too-old"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(FetchRetryPolicy, GivesUpMissingProcessByAgeIfThatComesFirst) {
  const FetchRetryPolicy policy({.backoff = {}, .max_age = 5min, .not_found_for = 10min});
  EXPECT_EQ(Describe(policy.Decide(kRetryMissing, {.age = 5min}, 0.5)), "give up: too-old");
}

}  // namespace
}  // namespace consumer
