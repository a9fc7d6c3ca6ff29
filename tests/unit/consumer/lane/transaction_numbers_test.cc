#include "consumer/lane/transaction_numbers.h"

#include <gtest/gtest.h>

#include <chrono>

namespace consumer {
namespace {

common::WallTime At(int milliseconds) {
  return common::WallTime(std::chrono::milliseconds(milliseconds));
}

TEST(TransactionNumbers, GrowWithinMillisecondAndAfterClockIsSetBack) {
  TransactionNumbers numbers;
  EXPECT_EQ(numbers.Next(At(5)), 5'000U);
  EXPECT_EQ(numbers.Next(At(5)), 5'001U);
  EXPECT_EQ(numbers.Next(At(1)), 5'002U);
  EXPECT_EQ(numbers.Next(At(6)), 6'000U);
}

TEST(TransactionNumbers, ExceedNumbersCommittedByPredecessor) {
  TransactionNumbers numbers;
  numbers.HasSeen("7000");
  numbers.HasSeen("6000");
  numbers.HasSeen("");
  numbers.HasSeen("nonsense");
  EXPECT_EQ(numbers.Next(At(5)), 7'001U);
}

TEST(TransactionNumbers, BeginAtOneBeforeTheEpoch) {
  TransactionNumbers numbers;
  EXPECT_EQ(numbers.Next(At(-5)), 1U);
}

}  // namespace
}  // namespace consumer
