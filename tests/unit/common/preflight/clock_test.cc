#include "common/preflight/clock.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace common::preflight {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using namespace std::chrono_literals;

constexpr WallTime kDate{1'790'000'000s};

/// The line for an answer that took 200 ms, with this machine's clock `ahead` of the host's at the
/// moment at which the host wrote its Date.
std::string LineFor(milliseconds ahead) {
  Report report;
  JudgeClock({.host = "h", .date = kDate, .received = kDate + ahead + 200ms, .elapsed = 200ms},
             report);
  return report.Render();
}

struct Row {
  const char* name;
  milliseconds ahead;
  const char* line;
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

class Clock : public testing::TestWithParam<Row> {};

TEST_P(Clock, IsComparedWithTheDate) { EXPECT_EQ(LineFor(GetParam().ahead), GetParam().line); }

INSTANTIATE_TEST_SUITE_P(
    Rows, Clock,
    testing::Values(
        Row{"right", 0ms, "ok clock: agrees with the Date of h\n"},
        Row{"within_the_second_of_the_date", 999ms, "ok clock: agrees with the Date of h\n"},
        Row{"little", 5'900ms, "ok clock: differs by 4.9 s from the Date of h\n"},
        Row{"ahead", 6'000ms,
            "warning clock: this machine's clock is 5.0 s ahead of the Date of h: set the clock, "
            "and "
            "keep it right with NTP\n"},
        Row{"behind", -5'200ms,
            "warning clock: this machine's clock is 5.0 s behind the Date of h: set the clock, and "
            "keep it right with NTP\n"},
        Row{"hours", -3'600'200ms,
            "wrong clock: this machine's clock is 3600.0 s behind the Date of h: set the clock, "
            "and "
            "keep it right with NTP\n"},
        Row{"five_minutes", 301'000ms,
            "wrong clock: this machine's clock is 300.0 s ahead of the Date of h: set the clock, "
            "and "
            "keep it right with NTP\n"}),
    [](const auto& row) { return row.param.name; });

TEST(Clock, OfASlowAnswerIsNotBlamedForIt) {
  Report report;
  JudgeClock({.host = "h", .date = kDate, .received = kDate + 9s, .elapsed = 9s}, report);
  EXPECT_EQ(report.Render(), "ok clock: agrees with the Date of h\n");
}

TEST(KernelClock, IsUnaskedIfTheKernelDoesNotSay) {
  Report report;
  JudgeKernelClock(std::nullopt, report);
  EXPECT_EQ(report.status(), 1);
}

TEST(KernelClock, IsAWarningIfNothingKeepsItRight) {
  Report right;
  JudgeKernelClock(KernelClock{.is_synchronised = true, .largest_error = 12'000us}, right);
  EXPECT_EQ(right.Render(), "ok clock: the kernel's clock is synchronised, to within 0.0 s\n");
  Report free;
  JudgeKernelClock(KernelClock{}, free);
  EXPECT_TRUE(free.Render().starts_with("warning clock: nothing keeps the kernel's clock right"));
}

}  // namespace
}  // namespace common::preflight
