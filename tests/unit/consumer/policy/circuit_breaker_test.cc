#include "consumer/policy/circuit_breaker.h"

#include <gtest/gtest.h>

namespace consumer {
namespace {

using namespace std::chrono_literals;
using TimePoint = CircuitBreaker::TimePoint;

constexpr TimePoint kStart{1000s};

CircuitBreaker Opened(TimePoint at) {
  CircuitBreaker breaker({.failures = 1, .probe_every = 10s});
  breaker.Failed(at);
  return breaker;
}

TEST(CircuitBreaker, OpensAfterSoManyFailuresInARow) {
  CircuitBreaker breaker({.failures = 3, .probe_every = 10s});
  EXPECT_FALSE(breaker.Failed(kStart));
  EXPECT_FALSE(breaker.Failed(kStart));
  EXPECT_FALSE(breaker.is_open());
  EXPECT_TRUE(breaker.Failed(kStart));
  EXPECT_TRUE(breaker.is_open());
  EXPECT_FALSE(breaker.Failed(kStart)) << "it opens once";
}

TEST(CircuitBreaker, StartsCountingAgainAfterAnAnswer) {
  CircuitBreaker breaker({.failures = 2, .probe_every = 10s});
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(breaker.Failed(kStart));
    EXPECT_EQ(breaker.Answered(kStart), 0s);
  }
  EXPECT_FALSE(breaker.is_open());
}

TEST(CircuitBreaker, ProbesFirstAfterOnePeriodAndThenOnceAPeriod) {
  CircuitBreaker breaker = Opened(kStart);
  EXPECT_EQ(breaker.next_probe(), kStart + 10s);
  breaker.ProbeStarted(kStart + 12s);
  EXPECT_EQ(breaker.next_probe(), kStart + 22s);
  breaker.Failed(kStart + 13s);
  EXPECT_EQ(breaker.next_probe(), kStart + 22s);
}

TEST(CircuitBreaker, ClosesAtTheFirstAnswerAndSaysHowLongItWasOpen) {
  CircuitBreaker breaker = Opened(kStart);
  EXPECT_EQ(breaker.Answered(kStart + 90s), 90s);
  EXPECT_FALSE(breaker.is_open());
  EXPECT_EQ(breaker.Answered(kStart + 91s), 0s);
}

TEST(CircuitBreaker, ForgetsTheFailuresThatOpenedItOnceClosed) {
  CircuitBreaker breaker({.failures = 2, .probe_every = 10s});
  breaker.Failed(kStart);
  breaker.Failed(kStart);
  breaker.Answered(kStart + 1s);
  EXPECT_FALSE(breaker.Failed(kStart + 2s));
  EXPECT_TRUE(breaker.Failed(kStart + 2s));
}

TEST(CircuitBreaker, RestsItsClockWhileOpen) {
  CircuitBreaker breaker({.failures = 1, .probe_every = 10s});
  const auto before = breaker.ClosedTime(kStart);
  EXPECT_EQ(breaker.ClosedTime(kStart + 5s) - before, 5s);
  breaker.Failed(kStart + 5s);
  EXPECT_EQ(breaker.ClosedTime(kStart + 5h) - before, 5s);
  breaker.Answered(kStart + 5h);
  EXPECT_EQ(breaker.ClosedTime(kStart + 5h + 2s) - before, 7s);
  breaker.Failed(kStart + 5h + 3s);
  EXPECT_EQ(breaker.ClosedTime(kStart + 9h) - before, 8s);
  breaker.Answered(kStart + 10h);
  EXPECT_EQ(breaker.ClosedTime(kStart + 10h + 1s) - before, 9s);
}

}  // namespace
}  // namespace consumer
