#include "common/http/timing.h"

#include <gtest/gtest.h>

namespace common::http {
namespace {

using namespace std::chrono_literals;

class TimingTest : public testing::Test {
 protected:
  TimingTest() {
    options_.header_timeout = 5s;
    options_.body_timeout = 6s;
    options_.idle_timeout = 75s;
    options_.answer_deadline = 8s;
    timing_.idle_since = kStart;
  }

  const Timing::TimePoint kStart{1h};
  ServerOptions options_;
  Timing timing_;
};

TEST_F(TimingTest, GivesASilentConnectionTheTimeOfAHead) {
  EXPECT_EQ(timing_.IdleDue(options_, {}), kStart + 5s);
}

TEST_F(TimingTest, GivesAKeptConnectionTheIdleTime) {
  timing_.has_asked = true;
  EXPECT_EQ(timing_.IdleDue(options_, {}), kStart + 75s);
}

TEST_F(TimingTest, EndsIdlenessWithTheGracePeriodOfADrain) {
  timing_.has_asked = true;
  EXPECT_EQ(timing_.IdleDue(options_, kStart + 1s), kStart + 1s);
  EXPECT_EQ(timing_.IdleDue(options_, kStart + 100s), kStart + 75s);
}

TEST_F(TimingTest, CountsAHeadFromItsFirstByte) {
  timing_.first_byte = kStart + 20s;
  EXPECT_EQ(timing_.HeadDue(options_), kStart + 25s);
}

TEST_F(TimingTest, CountsAPipelinedHeadFromItsTurnButItsAnswerFromItsArrival) {
  timing_.first_byte = kStart - 2s;
  EXPECT_EQ(timing_.HeadDue(options_), kStart + 5s);
  timing_.first_byte = kStart - 7s;
  EXPECT_EQ(timing_.HeadDue(options_), kStart + 1s);
}

TEST_F(TimingTest, CountsABodyFromTheEndOfItsHeadWithinTheAnswerDeadline) {
  timing_.first_byte = kStart;
  timing_.head_at = kStart + 1s;
  EXPECT_EQ(timing_.BodyDue(options_), kStart + 7s);
  timing_.head_at = kStart + 4s;
  EXPECT_EQ(timing_.BodyDue(options_), kStart + 8s);
  EXPECT_EQ(timing_.SkippedBodyDue(options_), kStart + 10s);
}

}  // namespace
}  // namespace common::http
