#include "tests/bench/samples.h"

#include <gtest/gtest.h>

#include "tests/support/temp_directory.h"

namespace bench {
namespace {

TEST(Samples, ComputeMedianMinimumAndMaximum) {
  const Spread odd = SpreadOf({3, 10, 1});
  EXPECT_EQ(odd.median, 3);
  EXPECT_EQ(odd.least, 1);
  EXPECT_EQ(odd.most, 10);
  EXPECT_EQ(SpreadOf({4, 1, 2, 100}).median, 3);
}

TEST(Samples, CompareSeriesRoundByRound) {
  // 10/5, 30/10, 100/200: the ratio of the medians would be 3.
  EXPECT_EQ(MedianRatio({10, 30, 100}, {5, 10, 200}), 2);
}

TEST(Samples, ThrowIfComparedRoundsDoNotMatchOrADivisorIs0) {
  EXPECT_THROW((void)MedianRatio({1, 2}, {1}), std::runtime_error);
  EXPECT_THROW((void)MedianRatio({1}, {0}), std::runtime_error);
}

TEST(Samples, ThrowIfASeriesHasNoValue) {
  const Samples samples;
  EXPECT_FALSE(samples.Has("a"));
  EXPECT_THROW((void)samples.Of("a"), std::runtime_error);
}

TEST(Samples, WriteOneValuePerLine) {
  Samples samples;
  samples.Add("a", 1.5);
  samples.Add("a", 2);
  EXPECT_EQ(samples.Last("a"), 2);
  const tests::TempDirectory directory;
  samples.WriteTo(directory.path());
  EXPECT_EQ(tests::ReadFile(directory.path() / "a"), "1.5\n2\n");
}

}  // namespace
}  // namespace bench
