#include "common/http/timer_wheel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <random>
#include <vector>

namespace common::http {
namespace {

using namespace std::chrono_literals;
using TimePoint = Timer::TimePoint;

constexpr auto kResolution = 100ms;
const TimePoint kStart{1h};

class RecordingTimer final : public Timer {
 public:
  void OnTimer(TimePoint now) override {
    fired.push_back(now - kStart);
    if (on_fire) on_fire();
  }
  std::vector<std::chrono::steady_clock::duration> fired;
  std::function<void()> on_fire;
};

using Fired = std::vector<std::chrono::steady_clock::duration>;

class TimerWheelTest : public testing::Test {
 protected:
  void AdvanceTo(std::chrono::milliseconds end) {
    for (; now_ <= end; now_ += kResolution) wheel_.Advance(kStart + now_);
  }

  TimerWheel wheel_{kStart, kResolution};
  std::chrono::milliseconds now_{0};
};

TEST_F(TimerWheelTest, FiresOnceAtTheFirstTickThatIsNotEarlier) {
  RecordingTimer timer;
  wheel_.Schedule(timer, kStart + 250ms);
  AdvanceTo(10s);
  EXPECT_EQ(timer.fired, Fired{300ms});
}

TEST_F(TimerWheelTest, FiresAtItsVeryTick) {
  RecordingTimer timer;
  wheel_.Schedule(timer, kStart + 300ms);
  AdvanceTo(1s);
  EXPECT_EQ(timer.fired, Fired{300ms});
}

TEST_F(TimerWheelTest, FiresOverdueTimerAtNextTick) {
  RecordingTimer timer;
  AdvanceTo(500ms);
  wheel_.Schedule(timer, kStart);
  AdvanceTo(1s);
  EXPECT_EQ(timer.fired, Fired{600ms});
}

TEST_F(TimerWheelTest, FollowsADeadlineThatMovesLaterOrEarlier) {
  RecordingTimer later;
  RecordingTimer earlier;
  wheel_.Schedule(later, kStart + 300ms);
  wheel_.Schedule(later, kStart + 2s);
  wheel_.Schedule(earlier, kStart + 5s);
  wheel_.Schedule(earlier, kStart + 400ms);
  AdvanceTo(10s);
  EXPECT_EQ(later.fired, Fired{2s});
  EXPECT_EQ(earlier.fired, Fired{400ms});
}

TEST_F(TimerWheelTest, WaitsBeyondItsOwnCircumference) {
  RecordingTimer timer;
  wheel_.Schedule(timer, kStart + 1000s);
  AdvanceTo(1100s);
  EXPECT_EQ(timer.fired, Fired{1000s});
}

TEST_F(TimerWheelTest, CatchesUpAfterAPause) {
  RecordingTimer timer;
  wheel_.Schedule(timer, kStart + 300ms);
  wheel_.Advance(kStart + 500s);
  EXPECT_EQ(timer.fired, Fired{500s});
}

TEST_F(TimerWheelTest, LetsATimerScheduleItselfAgain) {
  RecordingTimer timer;
  timer.on_fire = [&] {
    if (timer.fired.size() < 3) wheel_.Schedule(timer, kStart + timer.fired.back() + 1s);
  };
  wheel_.Schedule(timer, kStart + 1s);
  AdvanceTo(10s);
  EXPECT_EQ(timer.fired, (Fired{1s, 2s, 3s}));
}

TEST_F(TimerWheelTest, ForgetsATimerThatEnds) {
  auto timer = std::make_unique<RecordingTimer>();
  RecordingTimer other;
  wheel_.Schedule(*timer, kStart + 300ms);
  wheel_.Schedule(other, kStart + 300ms);
  timer.reset();
  AdvanceTo(1s);
  EXPECT_EQ(other.fired, Fired{300ms});
}

TEST_F(TimerWheelTest, FiresEachOfManyMovedTimersWithinOneTick) {
  const auto seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> milliseconds(1, 150'000);
  std::vector<RecordingTimer> timers(500);
  std::vector<std::chrono::milliseconds> due(timers.size());
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < timers.size(); ++i) {
      due[i] = std::chrono::milliseconds(milliseconds(random));
      wheel_.Schedule(timers[i], kStart + due[i]);
    }
  }
  AdvanceTo(200s);
  for (std::size_t i = 0; i < timers.size(); ++i) {
    ASSERT_EQ(timers[i].fired.size(), 1U) << "due at " << due[i].count() << " ms";
    EXPECT_GE(timers[i].fired[0], due[i]);
    EXPECT_LT(timers[i].fired[0], due[i] + kResolution);
  }
}

}  // namespace
}  // namespace common::http
