#include <gtest/gtest.h>

#include <chrono>

#include "consumer/policy/account_shares.h"
#include "consumer/policy/concurrency_limit.h"
#include "consumer/policy/rate_limit.h"

namespace consumer {
namespace {

using namespace std::chrono_literals;
using TimePoint = std::chrono::steady_clock::time_point;

constexpr TimePoint kStart{1000s};

/// One round trip of as many requests as allowed, all answered.
void SucceedAll(ConcurrencyLimit& limit) {
  const int requests = limit.limit();
  for (int i = 0; i < requests; ++i) limit.Succeeded(requests);
}

TEST(ConcurrencyLimit, DoublesEachRoundTripUntilCeiling) {
  ConcurrencyLimit limit(100);
  EXPECT_EQ(limit.limit(), 8);
  for (const int expected : {16, 32, 64, 100, 100}) {
    SucceedAll(limit);
    EXPECT_EQ(limit.limit(), expected);
  }
}

TEST(ConcurrencyLimit, NeverStartsAboveItsCeiling) {
  EXPECT_EQ(ConcurrencyLimit(3).limit(), 3);
  EXPECT_EQ(ConcurrencyLimit(1).limit(), 1);
  EXPECT_EQ(ConcurrencyLimit(0).limit(), 1);
}

TEST(ConcurrencyLimit, HalvesOnCongestionThenGrowsByOneEachRoundTrip) {
  ConcurrencyLimit limit(100);
  for (int i = 0; i < 5; ++i) SucceedAll(limit);
  limit.Congested(kStart, kStart + 1s);
  EXPECT_EQ(limit.limit(), 50);
  SucceedAll(limit);
  EXPECT_NEAR(limit.limit(), 51, 1);
  for (int i = 0; i < 10; ++i) SucceedAll(limit);
  EXPECT_NEAR(limit.limit(), 61, 2);
}

TEST(ConcurrencyLimit, IsHalvedOncePerRoundTrip) {
  ConcurrencyLimit limit(64);
  for (int i = 0; i < 5; ++i) SucceedAll(limit);
  for (int i = 0; i < 64; ++i) limit.Congested(kStart, kStart + 1s + i * 1ms);
  EXPECT_EQ(limit.limit(), 32);
  limit.Congested(kStart + 1s, kStart + 2s);
  EXPECT_EQ(limit.limit(), 16);
}

TEST(ConcurrencyLimit, NeverFallsBelowOne) {
  ConcurrencyLimit limit(8);
  for (int i = 0; i < 20; ++i) limit.Congested(kStart + i * 2s, kStart + i * 2s + 1s);
  EXPECT_EQ(limit.limit(), 1);
  SucceedAll(limit);
  EXPECT_EQ(limit.limit(), 2);
}

TEST(ConcurrencyLimit, IsNotRaisedWhileUnused) {
  ConcurrencyLimit limit(100);
  for (int i = 0; i < 1000; ++i) limit.Succeeded(3);
  EXPECT_EQ(limit.limit(), 8);
  limit.Succeeded(4);
  EXPECT_EQ(limit.limit(), 9);
}

TEST(ConcurrencyLimit, RestartsAtOneAfterOutageAndDoublesToHalfOfFormerLimit) {
  ConcurrencyLimit limit(64);
  for (int i = 0; i < 5; ++i) SucceedAll(limit);
  limit.Restart();
  EXPECT_EQ(limit.limit(), 1);
  for (const int expected : {2, 4, 8, 16, 32, 32, 33}) {
    SucceedAll(limit);
    EXPECT_NEAR(limit.limit(), expected, 1);
  }
}

/// Number of requests that start within `span` if one is tried each millisecond.
int CountWithin(RateLimit& limit, TimePoint begin, std::chrono::milliseconds span) {
  int count = 0;
  for (TimePoint now = begin; now < begin + span; now += 1ms) {
    while (count < 1'000'000 && limit.NextAt() <= now) {
      limit.Take(now);
      ++count;
    }
  }
  return count;
}

TEST(RateLimit, PassesEverythingWithoutRate) {
  RateLimit limit(0);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_LE(limit.NextAt(), kStart);
    limit.Take(kStart);
  }
}

TEST(RateLimit, KeepsItsRate) {
  for (const double rate : {1.0, 5.0, 100.0, 1000.0}) {
    RateLimit limit(rate);
    const int expected = static_cast<int>(rate * 10);
    const int burst = static_cast<int>(rate / 10) + 1;
    EXPECT_NEAR(CountWithin(limit, kStart, 10s), expected, burst) << rate;
  }
}

TEST(RateLimit, AllowsBurstOfTenthOfSecondEvenAfterPause) {
  RateLimit limit(100);
  EXPECT_EQ(CountWithin(limit, kStart, 1ms), 10);
  EXPECT_EQ(CountWithin(limit, kStart + 1h, 1ms), 10);
}

TEST(RateLimit, ReportsNextStart) {
  RateLimit limit(2);
  EXPECT_LE(limit.NextAt(), kStart);
  limit.Take(kStart);
  EXPECT_EQ(limit.NextAt(), kStart + 500ms);
  limit.Take(kStart + 600ms);
  EXPECT_EQ(limit.NextAt(), kStart + 1100ms);
}

TEST(RateLimit, AllowsLessThanOnePerSecond) {
  RateLimit limit(0.1);
  limit.Take(kStart);
  EXPECT_EQ(limit.NextAt(), kStart + 10s);
}

TEST(AccountShares, DivideThreeQuartersOfTheLane) {
  const AccountShares shares({.callbacks = 80, .bytes = 8'000}, 2);
  EXPECT_FALSE(shares.IsFull({.callbacks = 29, .bytes = 2'999}));
  EXPECT_TRUE(shares.IsFull({.callbacks = 30, .bytes = 0}));
  EXPECT_TRUE(shares.IsFull({.callbacks = 1, .bytes = 3'000}));
  EXPECT_FALSE(shares.HasRoomAgain({.callbacks = 16, .bytes = 0}));
  EXPECT_FALSE(shares.HasRoomAgain({.callbacks = 0, .bytes = 1'501}));
  EXPECT_TRUE(shares.HasRoomAgain({.callbacks = 15, .bytes = 1'500}));
}

TEST(AccountShares, BoundNothingForASingleAccount) {
  const AccountShares shares({.callbacks = 1, .bytes = 1}, 1);
  EXPECT_FALSE(shares.IsFull({.callbacks = 1'000, .bytes = 1'000}));
}

// The least that the configuration accepts for each of them.
TEST(AccountShares, NeverFillTheLane) {
  for (std::size_t accounts = 2; accounts <= 32; ++accounts) {
    const std::size_t lane = 4 * accounts;
    const AccountShares shares({.callbacks = lane, .bytes = 1'000'000}, accounts);
    std::size_t share = 0;
    while (!shares.IsFull({.callbacks = share, .bytes = 0})) ++share;
    EXPECT_LT(share * accounts, lane) << accounts;
  }
}

TEST(AccountShares, LeaveRoomForOneInTheSmallestLane) {
  const AccountShares shares({.callbacks = 1, .bytes = 1}, 32);
  EXPECT_FALSE(shares.IsFull({.callbacks = 0, .bytes = 0}));
  EXPECT_TRUE(shares.HasRoomAgain({.callbacks = 0, .bytes = 0}));
}

}  // namespace
}  // namespace consumer
