#include "consumer/policy/circuit_breaker.h"

#include <gtest/gtest.h>

#include <vector>

namespace consumer {
namespace {

using namespace std::chrono_literals;
using TimePoint = CircuitBreaker::TimePoint;

constexpr TimePoint kStart{1000s};
constexpr std::size_t kMany = 1'000'000;

/// A failure of a callback that has not failed before.
bool Fail(CircuitBreaker& breaker, TimePoint now) {
  FailureSpell::Record fresh;
  return breaker.Failed({.callback = &fresh, .is_forbidden = false, .in_hand = kMany}, now);
}

/// After a good answer.
CircuitBreaker Opened(TimePoint at) {
  CircuitBreaker breaker({.failures = 1, .probe_every = 10s});
  breaker.Answered(at);
  Fail(breaker, at);
  return breaker;
}

TEST(CircuitBreaker, OpensAfterConsecutiveFailures) {
  CircuitBreaker breaker({.failures = 3, .probe_every = 10s});
  EXPECT_FALSE(Fail(breaker, kStart));
  EXPECT_FALSE(Fail(breaker, kStart));
  EXPECT_FALSE(breaker.is_open());
  EXPECT_TRUE(Fail(breaker, kStart));
  EXPECT_TRUE(breaker.is_open());
  EXPECT_FALSE(Fail(breaker, kStart)) << "it opens once";
}

TEST(CircuitBreaker, RestartsCountAfterAnswer) {
  CircuitBreaker breaker({.failures = 2, .probe_every = 10s});
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(Fail(breaker, kStart));
    EXPECT_EQ(breaker.Answered(kStart), 0s);
  }
  EXPECT_FALSE(breaker.is_open());
}

using Records = std::vector<FailureSpell::Record>;

/// Lets all of them fail `rounds` times in turn.
bool FailInTurn(CircuitBreaker& breaker, Records& callbacks, int rounds, TimePoint now,
                bool is_forbidden = false, std::size_t in_hand = kMany) {
  bool opened = false;
  for (int round = 0; round < rounds; ++round) {
    for (FailureSpell::Record& callback : callbacks) {
      opened |= breaker.Failed(
          {.callback = &callback, .is_forbidden = is_forbidden, .in_hand = in_hand}, now);
    }
  }
  return opened;
}

TEST(CircuitBreaker, IgnoresRepeatedFailuresOfFewCallbacks) {
  CircuitBreaker breaker({.failures = 20, .probe_every = 10s});
  Records few(19);
  EXPECT_FALSE(FailInTurn(breaker, few, 1000, kStart));
  Records another(1);
  EXPECT_TRUE(FailInTurn(breaker, another, 1, kStart)) << "the twentieth";
}

TEST(CircuitBreaker, IgnoresFailuresOfOvertakenCallbacks) {
  CircuitBreaker breaker({.failures = 3, .probe_every = 10s});
  Records slow(100);
  for (FailureSpell::Record& callback : slow) {
    EXPECT_FALSE(
        breaker.Failed({.callback = &callback, .is_overtaken = true, .in_hand = kMany}, kStart));
  }
  Records others(2);
  EXPECT_FALSE(FailInTurn(breaker, others, 1, kStart));
  Records third(1);
  EXPECT_TRUE(FailInTurn(breaker, third, 1, kStart));
}

TEST(CircuitBreaker, IgnoresCallbacksThatFailedBeforeLastAnswer) {
  CircuitBreaker breaker({.failures = 20, .probe_every = 10s});
  Records stuck(1000);
  FailInTurn(breaker, stuck, 1, kStart);
  EXPECT_TRUE(breaker.is_open()) << "nobody can tell yet";
  TimePoint now = kStart;
  for (int second = 0; second < 1000; ++second) {
    breaker.Answered(now += 1s);
    FailInTurn(breaker, stuck, 2, now);
    EXPECT_FALSE(breaker.is_open());
  }
  Records fresh(20);
  EXPECT_TRUE(FailInTurn(breaker, fresh, 1, now)) << "an outage begins";
}

TEST(CircuitBreaker, Counts403OnlyOnceNothingSucceeds) {
  CircuitBreaker breaker({.failures = 3, .probe_every = 10s});
  TimePoint now = kStart;
  for (int second = 0; second < 60; ++second) {
    Records forbidden(5);
    EXPECT_FALSE(FailInTurn(breaker, forbidden, 3, now += 9s, true));
    breaker.Answered(now);
  }
  Records forbidden(5);
  EXPECT_FALSE(FailInTurn(breaker, forbidden, 1, now, true));
  EXPECT_FALSE(FailInTurn(breaker, forbidden, 1, now + 9s, true));
  EXPECT_TRUE(FailInTurn(breaker, forbidden, 1, now + 10s, true));
}

// Three callbacks in hand, no other work, the host unavailable: their ages must be suspended.
TEST(CircuitBreaker, OpensWhenAllCallbacksInHandFail) {
  CircuitBreaker breaker({.failures = 20, .probe_every = 10s});
  Records all(3);
  EXPECT_FALSE(FailInTurn(breaker, all, 100, kStart, false, 3));
  EXPECT_FALSE(FailInTurn(breaker, all, 1, kStart + 10s, false, 4)) << "one is still to be tried";
  EXPECT_TRUE(FailInTurn(breaker, all, 1, kStart + 10s, false, 3));
}

TEST(CircuitBreaker, OpensWhenManyEarlierFailuresRepeatAndNothingSucceeds) {
  CircuitBreaker breaker({.failures = 20, .probe_every = 10s});
  Records many(500);
  FailInTurn(breaker, many, 1, kStart);
  breaker.Answered(kStart + 1s);
  EXPECT_FALSE(FailInTurn(breaker, many, 1, kStart + 2s, false, 500));
  EXPECT_TRUE(FailInTurn(breaker, many, 1, kStart + 12s, false, 500));
}

TEST(CircuitBreaker, ForgetsFailuresOfCallbackThatSucceeded) {
  CircuitBreaker breaker({.failures = 2, .probe_every = 10s});
  Records callbacks(2);
  FailInTurn(breaker, callbacks, 1, kStart);
  breaker.Answered(kStart + 1s);
  for (FailureSpell::Record& callback : callbacks) callback = {};
  EXPECT_TRUE(FailInTurn(breaker, callbacks, 1, kStart + 2s));
}

TEST(CircuitBreaker, ProbesWithFreshCallbackAtOnceThenEverySecondTime) {
  CircuitBreaker breaker = Opened(kStart);
  EXPECT_EQ(breaker.next_fresh_probe(), kStart);
  breaker.ProbeStarted(CircuitBreaker::Probe::kFresh, kStart + 1s);
  EXPECT_EQ(breaker.next_probe(), kStart + 11s);
  EXPECT_EQ(breaker.next_fresh_probe(), kStart + 21s);
  breaker.ProbeStarted(CircuitBreaker::Probe::kOther, kStart + 11s);
  EXPECT_EQ(breaker.next_probe(), kStart + 21s);
  EXPECT_EQ(breaker.next_fresh_probe(), kStart + 21s);
}

TEST(CircuitBreaker, SendsEightFastFreshProbesBeforeFirstAnswer) {
  CircuitBreaker breaker({.failures = 1, .probe_every = 10s});
  Fail(breaker, kStart);
  for (int second = 0; second < 8; ++second) {
    EXPECT_TRUE(breaker.IsSampling());
    EXPECT_EQ(breaker.next_fresh_probe(), kStart + second * 1s);
    breaker.ProbeStarted(CircuitBreaker::Probe::kFresh, kStart + second * 1s);
  }
  EXPECT_FALSE(breaker.IsSampling());
  EXPECT_EQ(breaker.next_fresh_probe(), kStart + 8s);
  EXPECT_EQ(breaker.next_probe(), kStart + 17s);
  breaker.ProbeStarted(CircuitBreaker::Probe::kFresh, kStart + 8s);
  EXPECT_EQ(breaker.next_fresh_probe(), kStart + 28s);
  breaker.Answered(kStart + 28s);
  Fail(breaker, kStart + 30s);
  EXPECT_FALSE(breaker.IsSampling()) << "the host is known";
}

TEST(CircuitBreaker, DelaysProbesAfterFailedTokenRequest) {
  CircuitBreaker breaker = Opened(kStart);
  breaker.ProbeStarted(CircuitBreaker::Probe::kToken, kStart + 1s);
  EXPECT_EQ(breaker.next_probe(), kStart + 11s);
  EXPECT_EQ(breaker.next_fresh_probe(), kStart + 11s);
}

TEST(CircuitBreaker, ProbesAfterOnePeriodThenOncePerPeriod) {
  CircuitBreaker breaker = Opened(kStart);
  EXPECT_EQ(breaker.next_probe(), kStart + 10s);
  breaker.ProbeStarted(CircuitBreaker::Probe::kOther, kStart + 12s);
  EXPECT_EQ(breaker.next_probe(), kStart + 22s);
  Fail(breaker, kStart + 13s);
  EXPECT_EQ(breaker.next_probe(), kStart + 22s);
}

TEST(CircuitBreaker, ClosesOnFirstAnswerAndReturnsOpenTime) {
  CircuitBreaker breaker = Opened(kStart);
  EXPECT_EQ(breaker.Answered(kStart + 90s), 90s);
  EXPECT_FALSE(breaker.is_open());
  EXPECT_EQ(breaker.Answered(kStart + 91s), 0s);
}

TEST(CircuitBreaker, ForgetsFailuresOnceClosed) {
  CircuitBreaker breaker({.failures = 2, .probe_every = 10s});
  Fail(breaker, kStart);
  Fail(breaker, kStart);
  breaker.Answered(kStart + 1s);
  EXPECT_FALSE(Fail(breaker, kStart + 2s));
  EXPECT_TRUE(Fail(breaker, kStart + 2s));
}

TEST(CircuitBreaker, StopsItsClockWhileOpen) {
  CircuitBreaker breaker({.failures = 1, .probe_every = 10s});
  const auto before = breaker.ClosedTime(kStart);
  EXPECT_EQ(breaker.ClosedTime(kStart + 5s) - before, 5s);
  Fail(breaker, kStart + 5s);
  EXPECT_EQ(breaker.ClosedTime(kStart + 5h) - before, 5s);
  breaker.Answered(kStart + 5h);
  EXPECT_EQ(breaker.ClosedTime(kStart + 5h + 2s) - before, 7s);
  Fail(breaker, kStart + 5h + 3s);
  EXPECT_EQ(breaker.ClosedTime(kStart + 9h) - before, 8s);
  breaker.Answered(kStart + 10h);
  EXPECT_EQ(breaker.ClosedTime(kStart + 10h + 1s) - before, 9s);
}

}  // namespace
}  // namespace consumer
