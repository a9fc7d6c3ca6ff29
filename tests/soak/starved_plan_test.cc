#include "tests/soak/starved_plan.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace soak {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Kind = PlannedFault::Kind;

std::string ToText(const std::vector<std::vector<PlannedFault>>& rounds) {
  std::string text;
  for (const auto& round : rounds) {
    for (const PlannedFault& fault : round) {
      text += std::to_string(fault.at.count()) + " " +
              std::to_string(static_cast<int>(fault.kind)) + " " + std::to_string(fault.victim) +
              " " + std::to_string(fault.lasting.count()) + "\n";
    }
    text += "\n";
  }
  return text;
}

TEST(StarvedPlan, DependsOnlyOnItsSeed) {
  EXPECT_EQ(ToText(PlanStarved(7, 3, 3, 3)), ToText(PlanStarved(7, 3, 3, 3)));
  EXPECT_NE(ToText(PlanStarved(7, 3, 3, 3)), ToText(PlanStarved(8, 3, 3, 3)));
}

TEST(StarvedPlan, HitsTheOnlyNodeAfterAnInstanceInEachOfThreeRounds) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto rounds = PlanStarved(seed, 1, 1, 3);
    ASSERT_EQ(rounds.size(), 3U);
    for (const auto& round : rounds) {
      ASSERT_EQ(round.size(), 2U) << "seed " << seed;
      EXPECT_TRUE(round[0].kind == Kind::kKill || round[0].kind == Kind::kFreeze);
      EXPECT_TRUE(round[1].kind == Kind::kBroker || round[1].kind == Kind::kPause);
      EXPECT_LE(round[0].at, round[1].at);
      EXPECT_EQ(round[1].victim, 1);
    }
  }
}

TEST(StarvedPlan, KillsThreeNodesInTurnsInOneRound) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto rounds = PlanStarved(seed, 3, 3, 3);
    ASSERT_EQ(rounds.size(), 1U);
    int last = 0;
    for (const PlannedFault& fault : rounds[0]) {
      EXPECT_LT(fault.at, seconds(42)) << "seed " << seed;
      EXPECT_NE(fault.kind, Kind::kPause);
      if (fault.kind != Kind::kBroker) continue;
      EXPECT_EQ(fault.victim, last % 3 + 1) << "seed " << seed;
      EXPECT_LE(fault.lasting, seconds(3));
      last = fault.victim;
    }
    EXPECT_GT(last, 0);
    EXPECT_TRUE(std::ranges::is_sorted(rounds[0], {}, &PlannedFault::at));
  }
}

TEST(StarvedPlan, KeepsANodeDownUntilTheOthersNoticeWithOneCopy) {
  const auto rounds = PlanStarved(3, 3, 1, 3);
  for (const PlannedFault& fault : rounds.at(0)) {
    if (fault.kind != Kind::kBroker) continue;
    EXPECT_GE(fault.lasting, seconds(6));
  }
}

TEST(StarvedPlan, FreezesPastTheSession) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    for (const auto& round : PlanStarved(seed, 1, 1, 3)) {
      for (const PlannedFault& fault : round) {
        const bool is_freeze = fault.kind == Kind::kFreeze;
        const bool is_pause = fault.kind == Kind::kPause;
        EXPECT_TRUE(!is_freeze || fault.lasting > seconds(6));
        EXPECT_TRUE(!is_pause || fault.lasting > milliseconds(4'000));
      }
    }
  }
}

}  // namespace
}  // namespace soak
