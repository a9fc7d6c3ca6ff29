#include "consumer/http/connection_trust.h"

#include <gtest/gtest.h>

namespace consumer {
namespace {

using namespace std::chrono_literals;

const ConnectionTrust::TimePoint kStart{1000h};

TEST(ConnectionTrust, AllowsReuseAtFirst) {
  ConnectionTrust trust;
  trust.Answered(1, kStart);
  EXPECT_FALSE(trust.IsInDoubt(kStart));
  EXPECT_FALSE(trust.MustBeNew(kStart - 10s));
  EXPECT_EQ(trust.MaxAge(kStart), 0s);
}

TEST(ConnectionTrust, EndsAfterTimeoutWithoutData) {
  ConnectionTrust trust;
  trust.Answered(1, kStart);
  trust.TimedOut(1, kStart + 1s, kStart + 11s);
  EXPECT_TRUE(trust.IsInDoubt(kStart + 11s));
  EXPECT_TRUE(trust.MustBeNew(kStart + 10s)) << "an earlier request is in flight, maybe on it";
  EXPECT_FALSE(trust.MustBeNew(kStart + 11s)) << "all earlier requests have ended";
}

TEST(ConnectionTrust, SurvivesOneSlowAnswerAmongOthers) {
  ConnectionTrust trust;
  trust.Answered(1, kStart + 5s);
  trust.TimedOut(1, kStart + 1s, kStart + 11s);
  EXPECT_FALSE(trust.IsInDoubt(kStart + 11s));
  EXPECT_EQ(trust.MaxAge(kStart + 11s), 0s);
}

TEST(ConnectionTrust, SurvivesTimeoutWithoutConnection) {
  ConnectionTrust trust;
  trust.TimedOut(0, kStart, kStart + 3s);
  EXPECT_FALSE(trust.IsInDoubt(kStart + 3s));
}

TEST(ConnectionTrust, RemembersConnectionsForAsLongAsARequestMayLast) {
  ConnectionTrust trust;
  trust.Answered(1, kStart + 5s);
  for (std::uint64_t other = 2; other < 5'000; ++other) trust.Answered(other, kStart + 6s);
  trust.TimedOut(1, kStart + 1s, kStart + 11s);
  EXPECT_FALSE(trust.IsInDoubt(kStart + 11s));
  for (std::uint64_t other = 5'000; other < 15'000; ++other) trust.Answered(other, kStart + 1h);
  trust.TimedOut(1, kStart + 1h, kStart + 1h + 10s);
  EXPECT_TRUE(trust.IsInDoubt(kStart + 1h + 10s));
}

TEST(ConnectionTrust, RefusesOlderConnectionsFromThenOn) {
  ConnectionTrust trust;
  trust.TimedOut(1, kStart, kStart + 10s);
  EXPECT_EQ(trust.MaxAge(kStart + 10s), 1s) << "zero would mean any age";
  EXPECT_EQ(trust.MaxAge(kStart + 15s + 900ms), 5s);
  EXPECT_EQ(trust.MaxAge(kStart + 10s + 1h), 3600s);
  EXPECT_FALSE(trust.IsInDoubt(kStart + 10s + 1h));
}

}  // namespace
}  // namespace consumer
