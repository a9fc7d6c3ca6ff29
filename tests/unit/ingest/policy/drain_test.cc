#include "ingest/policy/drain.h"

#include <gtest/gtest.h>

#include <chrono>

namespace ingest {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kMiB = std::size_t{1024} * 1024;

TEST(TimeToSpool, IsOneCommitForFewRequests) {
  EXPECT_EQ(TimeToSpool({}, seconds(6)), milliseconds(700));
  EXPECT_EQ(TimeToSpool({.requests = 20, .bytes = 4000}, seconds(6)), milliseconds(702));
}

TEST(TimeToSpool, GrowsWithTheWaitingRequests) {
  EXPECT_EQ(TimeToSpool({.requests = 20'000, .bytes = 2 * kMiB}, seconds(6)), milliseconds(2'762));
  EXPECT_EQ(TimeToSpool({.requests = 100, .bytes = 100 * kMiB}, seconds(6)), milliseconds(3'835));
}

TEST(TimeToSpool, NeverExceedsTheLongestTime) {
  EXPECT_EQ(TimeToSpool({.requests = 256, .bytes = 256 * kMiB}, seconds(6)), seconds(6));
  EXPECT_EQ(TimeToSpool({.requests = 1, .bytes = 1}, milliseconds(75)), milliseconds(75));
}

TEST(ShareOfKafka, LeavesHalfOfTheTimeToTheSpool) {
  const common::Deadline::Clock::time_point now(seconds(100));
  EXPECT_EQ(ShareOfKafka(now, common::Deadline(now + seconds(1))).at(), now + milliseconds(500));
}

TEST(ShareOfSpool, IsRemainingTimeIfKafkaClosedInTime) {
  const common::Deadline::Clock::time_point begun{};
  const common::Deadline deadline(begun + seconds(1));
  EXPECT_EQ(ShareOfSpool(begun, begun + milliseconds(100), deadline).at(), deadline.at());
}

TEST(ShareOfSpool, IsHalfOfTheTimeHoweverLongKafkaHasTaken) {
  const common::Deadline::Clock::time_point begun{};
  const auto now = begun + seconds(4);
  EXPECT_EQ(ShareOfSpool(begun, now, common::Deadline(begun + seconds(1))).at(),
            now + milliseconds(500));
}

TEST(ShareOfKafka, IsTheDeadlineOnceItHasPassed) {
  const common::Deadline::Clock::time_point now(seconds(100));
  const common::Deadline passed(now - seconds(1));
  EXPECT_EQ(ShareOfKafka(now, passed).at(), passed.at());
}

}  // namespace
}  // namespace ingest
