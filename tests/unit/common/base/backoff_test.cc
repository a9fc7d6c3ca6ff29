#include "common/base/backoff.h"

#include <gtest/gtest.h>

namespace common {
namespace {

using std::chrono::milliseconds;

constexpr double kAlmostOne = 0.999999999;

TEST(Backoff, DoublesTheCeilingUpToTheCap) {
  const Backoff backoff{.base = milliseconds(500), .cap = milliseconds(60'000)};
  const struct {
    int retry;
    milliseconds ceiling;
  } kCases[] = {{0, milliseconds(500)},     {1, milliseconds(1'000)},
                {2, milliseconds(2'000)},   {6, milliseconds(32'000)},
                {7, milliseconds(60'000)},  {8, milliseconds(60'000)},
                {30, milliseconds(60'000)}, {2'000'000'000, milliseconds(60'000)}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.retry);
    const milliseconds delay = backoff.Delay(c.retry, kAlmostOne);
    EXPECT_LT(delay, c.ceiling);
    EXPECT_GE(delay, c.ceiling - milliseconds(1));
  }
}

TEST(Backoff, AppliesFullJitterDownToZero) {
  const Backoff backoff;
  EXPECT_EQ(backoff.Delay(3, 0.0), milliseconds(0));
  EXPECT_EQ(backoff.Delay(3, 0.25), milliseconds(1'000));
}

TEST(Backoff, TreatsANegativeRetryAsTheFirst) {
  EXPECT_EQ(Backoff().Delay(-1, 0.5), milliseconds(250));
}

}  // namespace
}  // namespace common
