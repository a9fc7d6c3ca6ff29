#include "ingest/policy/retry_clock.h"

#include <gtest/gtest.h>

#include "common/domain/provider_rules.h"

namespace ingest {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

RetryClock::TimePoint At(seconds time) { return RetryClock::TimePoint(time); }

seconds Left(RetryClock& clock, seconds now) {
  return std::chrono::duration_cast<seconds>(clock.ReadAt(At(now)).left);
}

/// Refuses and reads once a second from `from` to before `to`. Returns whether any callback was
/// given up.
bool RefuseFor(RetryClock& clock, seconds from, seconds to) {
  bool has_given_up = false;
  for (seconds now = from; now < to; ++now) {
    clock.Refused(At(now));
    has_given_up |= clock.ReadAt(At(now)).has_given_up;
  }
  return has_given_up;
}

/// Reads once a second without refusals.
bool PassTime(RetryClock& clock, seconds from, seconds to) {
  bool has_given_up = false;
  for (seconds now = from; now < to; ++now) has_given_up |= clock.ReadAt(At(now)).has_given_up;
  return has_given_up;
}

class RetryClockTest : public ::testing::Test {
 protected:
  static constexpr seconds kStart{100'000};
  RetryClock onfido{{seconds(30), minutes(2), minutes(15), hours(2), hours(10)}};
  RetryClock eid{common::RegularSchedule(minutes(10), 15)};
};

TEST_F(RetryClockTest, LeavesTheWholeScheduleWithoutRefusals) {
  EXPECT_EQ(Left(onfido, kStart), hours(10));
  EXPECT_EQ(Left(eid, kStart), minutes(140));
}

TEST_F(RetryClockTest, CountsDownFromTheFirstRefusal) {
  EXPECT_FALSE(RefuseFor(onfido, kStart, kStart + hours(3)));
  EXPECT_EQ(Left(onfido, kStart + hours(3)), hours(7));
}

TEST_F(RetryClockTest, ForgetsAShortOutageOnceItsCallbacksHaveComeBack) {
  EXPECT_FALSE(RefuseFor(onfido, kStart, kStart + seconds(20)));
  EXPECT_EQ(Left(onfido, kStart + seconds(59)), hours(10) - seconds(59))
      << "its callbacks are not back yet";
  EXPECT_EQ(Left(onfido, kStart + seconds(60)), hours(10));
}

// The gaps grow: a callback refused at the attempts after 2 min and 15 min comes back after two
// hours.
TEST_F(RetryClockTest, CountsAPastOutageUntilTheNextAttempt) {
  EXPECT_FALSE(RefuseFor(onfido, kStart, kStart + minutes(16)));
  EXPECT_FALSE(PassTime(onfido, kStart + minutes(16), kStart + hours(2)));
  EXPECT_EQ(Left(onfido, kStart + hours(2)), hours(8));
  EXPECT_FALSE(PassTime(onfido, kStart + hours(2), kStart + hours(2) + minutes(18)));
  EXPECT_EQ(Left(onfido, kStart + hours(2) + minutes(18)), hours(10));
}

TEST_F(RetryClockTest, ContinuesAnOutageIfTheNextAttemptIsRefused) {
  EXPECT_FALSE(RefuseFor(eid, kStart, kStart + minutes(1)));
  EXPECT_FALSE(PassTime(eid, kStart + minutes(1), kStart + minutes(10)));
  EXPECT_FALSE(RefuseFor(eid, kStart + minutes(10), kStart + minutes(12)));
  EXPECT_EQ(Left(eid, kStart + minutes(12)), minutes(128));
}

TEST_F(RetryClockTest, GivesCallbacksUpAfterTheirLastAttempt) {
  EXPECT_FALSE(RefuseFor(eid, kStart, kStart + minutes(140)));
  EXPECT_TRUE(RefuseFor(eid, kStart + minutes(140), kStart + minutes(141)));
  EXPECT_LT(Left(eid, kStart + minutes(141)), minutes(1))
      << "the next callbacks are as close to their end";
}

TEST_F(RetryClockTest, GivesNothingUpIfTheLastAttemptIsAccepted) {
  EXPECT_FALSE(RefuseFor(eid, kStart, kStart + minutes(139)));
  EXPECT_FALSE(PassTime(eid, kStart + minutes(139), kStart + minutes(300)));
  EXPECT_EQ(Left(eid, kStart + minutes(300)), minutes(140));
}

TEST_F(RetryClockTest, LeavesNoTimeWithoutASchedule) {
  RetryClock paper{{}};
  EXPECT_FALSE(RefuseFor(paper, kStart, kStart + minutes(1)));
  EXPECT_EQ(Left(paper, kStart + minutes(1)), seconds(0));
}

}  // namespace
}  // namespace ingest
