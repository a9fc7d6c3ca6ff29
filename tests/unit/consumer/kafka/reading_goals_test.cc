#include "consumer/kafka/reading_goals.h"

#include <gtest/gtest.h>

namespace consumer {
namespace {

using namespace std::chrono_literals;
using TimePoint = ReadingGoals::TimePoint;

TimePoint At(std::chrono::seconds time) { return TimePoint(1h + time); }

TEST(ReadingGoals, HaveReadUntilTheLookUpOfTheEndThatWasReached) {
  ReadingGoals goals;
  goals.Follow({{Partition(0), 1}}, At(0s));
  goals.Pursue(Partition(0), Offset(10), At(5s));
  EXPECT_TRUE(goals.IsPursuing(Partition(0)));
  EXPECT_EQ(goals.Reached(Partition(0), Offset(9)), std::nullopt);
  EXPECT_EQ(goals.FurthestBehind()->read_until, At(0s));
  EXPECT_EQ(goals.Reached(Partition(0), Offset(12)), At(5s));
  EXPECT_FALSE(goals.IsPursuing(Partition(0)));
  EXPECT_EQ(goals.Reached(Partition(0), Offset(12)), std::nullopt) << "told once";
  EXPECT_EQ(goals.FurthestBehind()->read_until, At(5s));
}

TEST(ReadingGoals, NameThePartitionFurthestBehind) {
  ReadingGoals goals;
  EXPECT_FALSE(goals.FurthestBehind());
  goals.Follow({{Partition(0), 1}, {Partition(1), 1}}, At(0s));
  goals.Pursue(Partition(0), Offset(1), At(1s));
  goals.Pursue(Partition(1), Offset(1), At(2s));
  EXPECT_TRUE(goals.Reached(Partition(0), Offset(1)));
  EXPECT_EQ(goals.FurthestBehind()->partition, Partition(1));
  EXPECT_TRUE(goals.Reached(Partition(1), Offset(1)));
  EXPECT_EQ(goals.FurthestBehind()->partition, Partition(0));
}

TEST(ReadingGoals, BeginAnewWithANewEpoch) {
  ReadingGoals goals;
  goals.Follow({{Partition(0), 1}}, At(0s));
  goals.Pursue(Partition(0), Offset(1), At(1s));
  goals.Follow({{Partition(0), 1}}, At(8s));
  EXPECT_TRUE(goals.IsPursuing(Partition(0)));
  goals.Follow({{Partition(0), 2}}, At(9s));
  EXPECT_FALSE(goals.IsPursuing(Partition(0)));
  EXPECT_EQ(goals.FurthestBehind()->read_until, At(9s));
}

TEST(ReadingGoals, AreGivenUpInAnotherLog) {
  ReadingGoals goals;
  goals.Follow({{Partition(0), 1}}, At(0s));
  goals.Pursue(Partition(0), Offset(10), At(1s));
  goals.GiveUp(Partition(0));
  EXPECT_EQ(goals.Reached(Partition(0), Offset(20)), std::nullopt);
  EXPECT_EQ(goals.FurthestBehind()->read_until, At(0s));
}

}  // namespace
}  // namespace consumer
