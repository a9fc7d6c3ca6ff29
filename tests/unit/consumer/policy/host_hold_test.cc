#include "consumer/policy/host_hold.h"

#include <gtest/gtest.h>

#include <string>

namespace consumer {
namespace {

using namespace std::chrono_literals;

constexpr HostHold::TimePoint kStart{1000s};

TEST(HostHold, IsFiveSecondsAtMostForOneResource) {
  HostHold hold;
  EXPECT_LT(hold.until(), kStart);
  EXPECT_EQ(hold.Told("a", 3s, kStart), 3s);
  EXPECT_EQ(hold.until(), kStart + 3s);
  EXPECT_EQ(hold.Told("a", 1h, kStart + 1s), 5s);
  EXPECT_EQ(hold.until(), kStart + 6s);
  EXPECT_EQ(hold.Told("a", 1h, kStart + 2s), 5s) << "the same one again";
}

TEST(HostHold, IsAllOfItOnceASecondResourceIsToldSoWithinTenSeconds) {
  HostHold hold;
  hold.Told("a", 60s, kStart);
  EXPECT_EQ(hold.Told("b", 60s, kStart + 10s), 60s);
  EXPECT_EQ(hold.until(), kStart + 70s);
  EXPECT_EQ(hold.Told("c", 60s, kStart + 11s), 60s);
}

TEST(HostHold, IsOfOneAgainIfTheSecondComesLater) {
  HostHold hold;
  hold.Told("a", 60s, kStart);
  EXPECT_EQ(hold.Told("b", 60s, kStart + 10s + 1ms), 5s);
  EXPECT_EQ(hold.Told("a", 60s, kStart + 12s), 60s);
}

TEST(HostHold, IsNoLongerThanBothWereTold) {
  HostHold hold;
  hold.Told("stuck", 1h, kStart);
  EXPECT_EQ(hold.Told("b", 10s, kStart + 1s), 10s);
  EXPECT_EQ(hold.Told("stuck", 1h, kStart + 2s), 10s) << "an hour is what one alone was told";
  EXPECT_EQ(hold.Told("b", 1s, kStart + 3s), 1s);
}

TEST(HostHold, IsOfOneAgainOnceTheHostHasAnsweredAnother) {
  HostHold hold;
  hold.Told("a", 60s, kStart);
  hold.Answered();
  EXPECT_LE(hold.Told("b", 60s, kStart + 1s), 5s);
}

TEST(HostHold, CostsTenSecondsForAnyNumberOfResourcesWhileOthersAreAnswered) {
  HostHold hold;
  HostHold::Wait all{};
  for (int i = 0; i < 1000; ++i) {
    all += hold.Told(std::to_string(i), 60s, kStart + i * 1s);
    hold.Answered();
    hold.Answered();
  }
  EXPECT_LE(all, 10s);
  hold.Told("a", 60s, kStart + 2000s);
  hold.Told("b", 60s, kStart + 2001s);
  hold.Answered();
  EXPECT_GE(hold.Told("c", 60s, kStart + 3000s), 2500ms) << "two in a row were for the host";
}

TEST(HostHold, NeverGetsShorter) {
  HostHold hold;
  hold.Told("a", 60s, kStart);
  hold.Told("b", 60s, kStart);
  hold.Told("c", 1s, kStart + 1s);
  EXPECT_EQ(hold.until(), kStart + 60s);
}

}  // namespace
}  // namespace consumer
