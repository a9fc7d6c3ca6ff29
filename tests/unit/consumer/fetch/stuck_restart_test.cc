// A restart forgets which callbacks fail while others are answered. Many that cannot be had must
// not look like an outage of the host again, and an outage must cost no dead letter all the same.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <ostream>
#include <string>

#include "tests/unit/consumer/fetch/stuck_world.h"

namespace consumer {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;

struct Kind {
  const char* name;
  HttpReply stuck;
  int healthy_per_second;
};
void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }

class RestartAmongStuck : public testing::TestWithParam<Kind> {
 protected:
  static constexpr int kStuck = 10'000;

  RestartAmongStuck() {
    world.stuck = {GetParam().stuck};
    world.healthy_per_second = GetParam().healthy_per_second;
  }
  /// In the first two minutes.
  void ExpectHealthyInTime() {
    const std::size_t arrive = 120 * static_cast<std::size_t>(world.healthy_per_second);
    EXPECT_GE(world.HealthyDone(), arrive * 97 / 100) << "of " << arrive;
    EXPECT_LT(world.HealthyP95(), 5s);
    EXPECT_THAT(world.dead_healthy, IsEmpty());
  }
  World world;
};

TEST_P(RestartAmongStuck, DelaysNoHealthyCallbackIfLaterOnesWerePublishedBefore) {
  constexpr int kASecond = 100;
  for (int left = kStuck; left > 0; left -= kASecond) {
    world.ArriveMany(kASecond, true);
    world.Pass(1s);
  }
  world.Pass(60s);
  world.Restart();
  world.ForgetWaits();
  world.Pass(120s);
  ExpectHealthyInTime();
  EXPECT_THAT(world.events().breaker, IsEmpty()) << "the markers tell who is alone";
}

TEST_P(RestartAmongStuck, FindsHealthyCallbacksBehindTenThousandWithinSeconds) {
  world.ArriveMany(kStuck, true);
  world.Restart();
  world.Pass(10s);
  EXPECT_GE(world.HealthyDone(), 1U);
  world.Pass(110s);
  ExpectHealthyInTime();
  EXPECT_LE(world.events().breaker.size(), 2U) << "opened and closed once";
}

INSTANTIATE_TEST_SUITE_P(Kinds, RestartAmongStuck,
                         testing::Values(Kind{"failing_beside_one_a_second", Status(500), 1},
                                         Kind{"failing", Status(500), 20},
                                         Kind{"forbidden", Status(403), 20},
                                         Kind{"unauthorized", Status(401), 1}),
                         [](const auto& row) { return std::string(row.param.name); });

class OutageWithRestarts : public testing::Test {
 protected:
  static FetchSettings Settings() {
    FetchSettings settings = FetchBench::DefaultSettings();
    settings.max_age = 10min;
    return settings;
  }
  /// Longer than ages may become, between one restart and the next.
  void BeDown(bool arrives) {
    world.is_down = true;
    for (int restart = 0; restart < 3; ++restart) {
      world.Pass(5min, arrives);
      world.Restart();
      world.Pass(25min, arrives);
      EXPECT_TRUE(world.scheduler().breaker_open());
    }
    world.is_down = false;
  }
  World world{Settings()};
};

TEST_F(OutageWithRestarts, MakesNoDeadLetter) {
  world.Pass(10s);
  world.ArriveMany(500, false);
  BeDown(true);
  world.Pass(3min);
  EXPECT_THAT(world.dead_healthy, IsEmpty());
  EXPECT_LE(world.HealthyWaiting(), 5U);
  EXPECT_FALSE(world.scheduler().breaker_open());
}

TEST_F(OutageWithRestarts, SuspendsAgesAlthoughAllCallbacksAreOvertaken) {
  world.stuck = {Status(403)};
  world.ArriveMany(1000, true);
  world.Pass(2min);
  BeDown(false);
  EXPECT_THAT(world.dead_stuck, IsEmpty());
  world.Pass(15min);
  EXPECT_EQ(world.dead_stuck["too-old"], 1000) << "of themselves, once others are answered";
  EXPECT_THAT(world.dead_healthy, IsEmpty());
}

}  // namespace
}  // namespace consumer
