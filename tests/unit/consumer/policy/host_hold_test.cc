#include "consumer/policy/host_hold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace consumer {
namespace {

using namespace std::chrono_literals;

constexpr HostHold::TimePoint kStart{1000s};

/// Answered right after the request.
HostHold::Wait Told(HostHold& hold, const std::string& resource, HostHold::Wait wait,
                    HostHold::TimePoint now) {
  return hold.Told({.resource = resource, .started = now}, wait, now);
}

TEST(HostHold, LastsAtMostFiveSecondsForOneResource) {
  HostHold hold;
  EXPECT_LT(hold.until(), kStart);
  EXPECT_EQ(Told(hold, "a", 3s, kStart), 3s);
  EXPECT_EQ(hold.until(), kStart + 3s);
  EXPECT_EQ(Told(hold, "a", 1h, kStart + 1s), 5s);
  EXPECT_EQ(hold.until(), kStart + 6s);
  EXPECT_EQ(Told(hold, "a", 1h, kStart + 2s), 5s) << "the same one again";
}

TEST(HostHold, LastsWholeRetryAfterOnceSecondResourceGetsOneWithinTenSeconds) {
  HostHold hold;
  Told(hold, "a", 60s, kStart);
  EXPECT_EQ(Told(hold, "b", 60s, kStart + 10s), 60s);
  EXPECT_EQ(hold.until(), kStart + 70s);
  EXPECT_EQ(Told(hold, "c", 60s, kStart + 11s), 60s);
}

TEST(HostHold, StaysAtFiveSecondsIfSecondResourceComesLater) {
  HostHold hold;
  Told(hold, "a", 60s, kStart);
  EXPECT_EQ(Told(hold, "b", 60s, kStart + 10s + 1ms), 5s);
  EXPECT_EQ(Told(hold, "a", 60s, kStart + 12s), 60s);
}

TEST(HostHold, LastsNoLongerThanShorterOfBoth) {
  HostHold hold;
  Told(hold, "stuck", 1h, kStart);
  EXPECT_EQ(Told(hold, "b", 10s, kStart + 1s), 10s);
  EXPECT_EQ(Told(hold, "stuck", 1h, kStart + 2s), 10s) << "only one resource got an hour";
  EXPECT_EQ(Told(hold, "b", 1s, kStart + 3s), 1s);
}

TEST(HostHold, FallsBackToFiveSecondsOnceHostAnswersAnother) {
  HostHold hold;
  Told(hold, "a", 60s, kStart);
  hold.Answered(kStart, kStart);
  EXPECT_LE(Told(hold, "b", 60s, kStart + 1s), 5s);
}

TEST(HostHold, CostsTenSecondsInAllWhileOthersAreAnswered) {
  HostHold hold;
  HostHold::Wait all{};
  for (int i = 0; i < 1000; ++i) {
    all += Told(hold, std::to_string(i), 60s, kStart + i * 1s);
    hold.Answered(kStart + i * 1s, kStart + i * 1s);
    hold.Answered(kStart + i * 1s, kStart + i * 1s);
  }
  EXPECT_LE(all, 10s);
  Told(hold, "a", 60s, kStart + 2000s);
  Told(hold, "b", 60s, kStart + 2001s);
  hold.Answered(kStart + 2001s, kStart + 2002s);
  EXPECT_GE(Told(hold, "c", 60s, kStart + 3000s), 2500ms) << "two in a row hold the host";
}

TEST(HostHold, IsNeverShortened) {
  HostHold hold;
  Told(hold, "a", 60s, kStart);
  Told(hold, "b", 60s, kStart);
  Told(hold, "c", 1s, kStart + 1s);
  EXPECT_EQ(hold.until(), kStart + 60s);
}

TEST(HostHold, OfTwoAllowsFreshProbeAfterThirtySecondsAndEndsOnItsAnswer) {
  HostHold hold;
  Told(hold, "a", 1h, kStart);
  EXPECT_EQ(hold.probe_at(), HostHold::TimePoint::max())
      << "a single resource holds it for seconds only";
  Told(hold, "b", 1h, kStart + 1s);
  EXPECT_EQ(hold.probe_at(), kStart + 31s);
  hold.Probed(kStart + 31s);
  Told(hold, "c", 1h, kStart + 32s);
  EXPECT_EQ(hold.probe_at(), kStart + 91s);
  EXPECT_TRUE(hold.Answered(kStart + 91s, kStart + 92s));
  EXPECT_EQ(hold.until(), kStart + 92s);
  EXPECT_EQ(hold.probe_at(), HostHold::TimePoint::max());
}

TEST(HostHold, OfTwoForAnHourAllowsSixProbes) {
  HostHold hold;
  Told(hold, "a", 1h, kStart);
  Told(hold, "b", 1h, kStart);
  std::vector<std::chrono::seconds> probes;
  while (hold.probe_at() < kStart + 1h) {
    probes.push_back(std::chrono::floor<std::chrono::seconds>(hold.probe_at() - kStart));
    hold.Probed(hold.probe_at());
  }
  EXPECT_THAT(probes, testing::ElementsAre(30s, 90s, 210s, 450s, 930s, 1890s));
  Told(hold, "a", 1h, kStart + 2h);
  Told(hold, "b", 1h, kStart + 2h);
  EXPECT_EQ(hold.probe_at(), kStart + 2h + 30s);
}

TEST(HostHold, OfTwoIgnoresAnswerToEarlierRequest) {
  HostHold hold;
  Told(hold, "a", 60s, kStart);
  Told(hold, "b", 60s, kStart);
  EXPECT_FALSE(hold.Answered(kStart - 1s, kStart + 1s));
  EXPECT_EQ(hold.until(), kStart + 60s);
  EXPECT_TRUE(hold.Answered(kStart + 1ms, kStart + 1s)) << "requested later, and in flight by then";
}

}  // namespace
}  // namespace consumer
