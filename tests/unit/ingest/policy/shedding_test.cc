#include "ingest/policy/shedding.h"

#include <gtest/gtest.h>

#include <limits>

namespace ingest {
namespace {

constexpr LoadBounds kBounds{.max_requests = 3, .max_bytes = 100};

TEST(Shedding, TakesWhatFitsBothBounds) {
  EXPECT_FALSE(MustShed({.requests = 0, .bytes = 0}, 0, kBounds));
  EXPECT_FALSE(MustShed({.requests = 2, .bytes = 90}, 10, kBounds));
  EXPECT_FALSE(MustShed({.requests = 0, .bytes = 0}, 100, kBounds));
}

TEST(Shedding, RefusesTheRequestBeyondTheNumber) {
  EXPECT_TRUE(MustShed({.requests = 3, .bytes = 0}, 0, kBounds));
}

TEST(Shedding, RefusesTheBodyBeyondTheBytes) {
  EXPECT_TRUE(MustShed({.requests = 2, .bytes = 90}, 11, kBounds));
  EXPECT_TRUE(MustShed({.requests = 0, .bytes = 0}, 101, kBounds));
  EXPECT_TRUE(
      MustShed({.requests = 0, .bytes = 100}, std::numeric_limits<std::size_t>::max(), kBounds));
}

}  // namespace
}  // namespace ingest
