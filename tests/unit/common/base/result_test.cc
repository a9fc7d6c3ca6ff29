#include "common/base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace common {
namespace {

Result<std::unique_ptr<int>> Halve(int number) {
  if (number % 2 != 0) return Error{Remedy::kReject, "odd", std::to_string(number)};
  return std::make_unique<int>(number / 2);
}

TEST(Result, HoldsAMoveOnlyValue) {
  Result<std::unique_ptr<int>> half = Halve(8);
  ASSERT_TRUE(half.has_value());
  const std::unique_ptr<int> value = *std::move(half);
  EXPECT_EQ(*value, 4);
}

TEST(Result, HoldsAnErrorInsteadOfAValue) {
  const auto half = Halve(7);
  ASSERT_FALSE(half);
  EXPECT_EQ(half.error().remedy, Remedy::kReject);
  EXPECT_EQ(half.error().code, "odd");
  EXPECT_EQ(half.error().detail, "7");
}

TEST(Result, OfVoidSucceedsUnlessItHoldsAnError) {
  EXPECT_TRUE(Result<void>().has_value());
  EXPECT_FALSE(Result<void>(Error{Remedy::kStop, "gone", ""}).has_value());
}

}  // namespace
}  // namespace common
