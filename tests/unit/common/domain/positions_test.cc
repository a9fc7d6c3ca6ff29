#include <gtest/gtest.h>

#include <concepts>
#include <cstdint>
#include <vector>

#include "common/domain/offset.h"
#include "common/domain/partition.h"

namespace common {
namespace {

template <typename Left, typename Right>
concept HaveASum = requires(Left left, Right right) {
  left + right;
};
template <typename Left, typename Right>
concept HaveADistance = requires(Left left, Right right) {
  left - right;
};

// Neither stands for the other or for a bare number.
static_assert(!std::convertible_to<Partition, Offset> && !std::convertible_to<Offset, Partition>);
static_assert(!std::constructible_from<Partition, Offset>);
static_assert(!std::constructible_from<Offset, Partition>);
static_assert(!std::convertible_to<int, Partition> && !std::convertible_to<Partition, int>);
static_assert(!std::convertible_to<std::int64_t, Offset>);
static_assert(!std::convertible_to<Offset, std::int64_t>);
static_assert(!std::equality_comparable_with<Partition, Offset>);
static_assert(!std::equality_comparable_with<Offset, std::int64_t>);

// An offset and a count make an offset; two offsets have a distance only.
static_assert(HaveASum<Offset, std::int64_t> && !HaveASum<Offset, Offset>);
static_assert(HaveADistance<Offset, Offset> && !HaveADistance<Offset, Partition>);
static_assert(!HaveASum<Partition, int> && !HaveADistance<Partition, Partition>);

TEST(Offset, MovesByACount) {
  Offset offset(7);
  EXPECT_EQ(offset + 3, Offset(10));
  EXPECT_EQ(offset - 7, Offset(0));
  EXPECT_EQ(++offset, Offset(8));
}

TEST(Offset, HasADistanceToAnother) {
  EXPECT_EQ(Offset(10) - Offset(7), 3);
  EXPECT_EQ(Offset(7) - Offset(10), -3);
}

TEST(Offset, IsOrderedAndWrittenAsItsNumber) {
  EXPECT_LT(Offset(9), Offset(10));
  EXPECT_EQ(ToText(Offset(5'000'000'000)), "5000000000");
  EXPECT_EQ(Offset(5'000'000'000).number(), 5'000'000'000);
}

TEST(Partition, IsOrderedAndWrittenAsItsNumber) {
  EXPECT_LT(Partition(9), Partition(10));
  EXPECT_EQ(ToText(Partition(11)), "11");
  EXPECT_EQ(Partition(11).number(), 11);
}

TEST(Partition, IsOneOfAllOfItsTopic) {
  const std::vector<Partition> all = AllPartitions(3);
  EXPECT_EQ(all, (std::vector{Partition(0), Partition(1), Partition(2)}));
  EXPECT_EQ(all[Partition(2).index()], Partition(2));
  EXPECT_TRUE(AllPartitions(0).empty());
}

}  // namespace
}  // namespace common
