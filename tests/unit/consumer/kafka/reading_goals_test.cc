#include "consumer/kafka/reading_goals.h"

#include <gtest/gtest.h>

namespace consumer {
namespace {

using namespace std::chrono_literals;
using TimePoint = ReadingGoals::TimePoint;

TimePoint At(std::chrono::seconds time) { return TimePoint(1h + time); }

TEST(ReadingGoals, HaveReadUntilTheLookUpOfTheEndThatWasReached) {
  ReadingGoals goals;
  goals.Follow({{0, 1}}, At(0s));
  goals.Pursue(0, 10, At(5s));
  EXPECT_TRUE(goals.IsPursuing(0));
  EXPECT_EQ(goals.Reached(0, 9), std::nullopt);
  EXPECT_EQ(goals.FurthestBehind()->read_until, At(0s));
  EXPECT_EQ(goals.Reached(0, 12), At(5s));
  EXPECT_FALSE(goals.IsPursuing(0));
  EXPECT_EQ(goals.Reached(0, 12), std::nullopt) << "told once";
  EXPECT_EQ(goals.FurthestBehind()->read_until, At(5s));
}

TEST(ReadingGoals, NameThePartitionFurthestBehind) {
  ReadingGoals goals;
  EXPECT_FALSE(goals.FurthestBehind());
  goals.Follow({{0, 1}, {1, 1}}, At(0s));
  goals.Pursue(0, 1, At(1s));
  goals.Pursue(1, 1, At(2s));
  EXPECT_TRUE(goals.Reached(0, 1));
  EXPECT_EQ(goals.FurthestBehind()->partition, 1);
  EXPECT_TRUE(goals.Reached(1, 1));
  EXPECT_EQ(goals.FurthestBehind()->partition, 0);
}

TEST(ReadingGoals, BeginAnewWithANewEpoch) {
  ReadingGoals goals;
  goals.Follow({{0, 1}}, At(0s));
  goals.Pursue(0, 1, At(1s));
  goals.Follow({{0, 1}}, At(8s));
  EXPECT_TRUE(goals.IsPursuing(0));
  goals.Follow({{0, 2}}, At(9s));
  EXPECT_FALSE(goals.IsPursuing(0));
  EXPECT_EQ(goals.FurthestBehind()->read_until, At(9s));
}

TEST(ReadingGoals, AreGivenUpInAnotherLog) {
  ReadingGoals goals;
  goals.Follow({{0, 1}}, At(0s));
  goals.Pursue(0, 10, At(1s));
  goals.GiveUp(0);
  EXPECT_EQ(goals.Reached(0, 20), std::nullopt);
  EXPECT_EQ(goals.FurthestBehind()->read_until, At(0s));
}

}  // namespace
}  // namespace consumer
