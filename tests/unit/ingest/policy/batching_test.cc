#include "ingest/policy/batching.h"

#include <gtest/gtest.h>

#include <chrono>
#include <ostream>
#include <string>

namespace ingest {
namespace {

using namespace std::chrono_literals;

constexpr WaitingPeak::TimePoint kStart{1h};

TEST(WaitingPeak, IsTheMostOfThisWindowAndTheLastOne) {
  WaitingPeak peak(100ms);
  EXPECT_EQ(peak.value(), 0U);
  peak.Note(5, kStart);
  peak.Note(3, kStart + 99ms);
  EXPECT_EQ(peak.value(), 5U);
  peak.Note(4, kStart + 100ms);
  EXPECT_EQ(peak.value(), 5U);
  peak.Note(1, kStart + 200ms);
  EXPECT_EQ(peak.value(), 4U) << "the first window is over";
}

TEST(WaitingPeak, ForgetsBothWindowsInAPause) {
  WaitingPeak peak(100ms);
  peak.Note(5, kStart);
  peak.Note(4, kStart + 199ms);
  EXPECT_EQ(peak.value(), 5U);
  peak.Note(2, kStart + 499ms);
  EXPECT_EQ(peak.value(), 2U);
}

TEST(MaxDelay, GrowsWithThePartitionsWithinItsBounds) {
  EXPECT_EQ(MaxDelay().For(1), 20ms);
  EXPECT_EQ(MaxDelay().For(16), 20ms);
  EXPECT_EQ(MaxDelay().For(32), 40ms);
  EXPECT_EQ(MaxDelay().For(48), 60ms);
  EXPECT_EQ(MaxDelay().For(1'000'000), 60ms);
}

TEST(MaxDelay, IsWhatTheOperatorFixed) {
  for (const std::size_t partitions : {1, 48, 1'000}) {
    EXPECT_EQ(MaxDelay::Fixed(30ms).For(partitions), 30ms);
  }
}

struct JudgeCase {
  const char* name;
  BatchSituation situation;
  std::string verdict;
  friend void PrintTo(const JudgeCase& c, std::ostream* out) { *out << c.name; }
};

std::string Describe(const BatchVerdict& verdict) {
  return std::string(verdict.must_send ? "send" : "hold") +
         (verdict.is_closed_loop ? ", closed loop" : "");
}

class JudgeBatchTest : public ::testing::TestWithParam<JudgeCase> {};

TEST_P(JudgeBatchTest, SendsRecordsThatNeedNoCompany) {
  EXPECT_EQ(Describe(JudgeBatch(GetParam().situation, BatchBounds{})), GetParam().verdict);
}

constexpr std::size_t kMiB = 1024 * 1024;

INSTANTIATE_TEST_SUITE_P(
    Situations, JudgeBatchTest,
    ::testing::Values(
        JudgeCase{"the_only_sender", {.held = 1, .peak = 1}, "send, closed loop"},
        JudgeCase{"everybody_waits_held",
                  {.held = 64, .in_hand = 0, .peak = 64, .partitions = 12},
                  "send, closed loop"},
        JudgeCase{"everybody_waits_some_for_kafka",
                  {.held = 1, .in_hand = 63, .peak = 64, .partitions = 12},
                  "send, closed loop"},
        JudgeCase{"somebody_may_still_come",
                  {.held = 20, .in_hand = 3, .peak = 24, .partitions = 12},
                  "hold"},
        JudgeCase{"first_of_an_open_loop", {.held = 1, .peak = 24, .partitions = 12}, "hold"},
        JudgeCase{"nearly_everybody_waits_in_a_closed_loop",
                  {.held = 1, .in_hand = 40, .peak = 64, .partitions = 12, .is_closed_loop = true},
                  "send, closed loop"},
        JudgeCase{"half_of_a_closed_loop_went_away",
                  {.held = 1, .in_hand = 31, .peak = 64, .partitions = 12, .is_closed_loop = true},
                  "hold"},
        JudgeCase{
            "closed_loop_with_many_for_each_partition",
            {.held = 1, .in_hand = 400, .peak = 512, .partitions = 12, .is_closed_loop = true},
            "send, closed loop"},
        JudgeCase{"nearly_enough_records",
                  {.held = 767, .in_hand = 0, .peak = 10'000, .partitions = 12},
                  "hold"},
        JudgeCase{"enough_records",
                  {.held = 768, .in_hand = 0, .peak = 10'000, .partitions = 12},
                  "send"},
        JudgeCase{"nearly_enough_bytes",
                  {.held = 2, .held_bytes = kMiB - 1, .peak = 100, .partitions = 12},
                  "hold"},
        JudgeCase{"enough_bytes",
                  {.held = 2, .held_bytes = kMiB, .peak = 100, .partitions = 12},
                  "send"}),
    [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace ingest
