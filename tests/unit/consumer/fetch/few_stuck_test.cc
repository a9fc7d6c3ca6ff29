// A few callbacks that cannot be fetched, for any reason, do not hold up the others. An outage of
// the host still creates no dead letter.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "tests/unit/consumer/fetch/stuck_world.h"

namespace consumer {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using testing::IsEmpty;

struct Case {
  const char* name;
  HttpReply reply;
  milliseconds takes{50};
  /// Their first attempts have their full effect, since nothing is known of them yet, and a
  /// Retry-After that two of them get is meant for the host.
  milliseconds p95_after_restart{5'000};
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class FewStuck : public testing::TestWithParam<Case> {
 protected:
  FewStuck() { world.stuck = {GetParam().reply, GetParam().takes}; }
  World world;
};

TEST_P(FewStuck, DoNotHoldUpOthers) {
  world.Pass(60s);
  world.ForgetWaits();
  for (int i = 0; i < 40; ++i) {
    world.Arrive(true);
    world.Pass(1s);
  }
  // A Retry-After of two resources holds the host, and first attempts have their full effect.
  world.Pass(180s);
  world.ForgetWaits();
  world.Pass(480s);
  EXPECT_LT(world.HealthyP95(), 5s);
  EXPECT_GE(world.HealthyDone(), 475U);
  EXPECT_THAT(world.events().breaker, IsEmpty());
}

TEST_P(FewStuck, DoNotHoldUpOthersAfterRestart) {
  world.ArriveMany(40, true);
  world.Pass(480s);
  EXPECT_LT(world.HealthyP95(), GetParam().p95_after_restart);
  EXPECT_GE(world.HealthyDone(), 475U);
  EXPECT_LE(world.events().breaker.size(), 4U) << "opened and closed at most twice";
}

INSTANTIATE_TEST_SUITE_P(
    Rows, FewStuck,
    testing::Values(Case{"forbidden", Status(403)}, Case{"failing", Status(500)},
                    Case{"unavailable", Status(503)}, Case{"unauthorized", Status(401)},
                    Case{"redirected", Status(302)}, Case{"cut", Fault(TransportFault::kBroken)},
                    Case{"page", Page()}, Case{"part", Status(206, "{}")},
                    Case{"foreign", Json(R"({"processId":"another"})")},
                    Case{"slow", Fault(TransportFault::kTimeout), 10s},
                    Case{"retry_after", RetryAfter(Status(503), "30"), 50ms, 90s},
                    Case{"short_retry_after", RetryAfter(Status(503), "1")},
                    Case{"too_many_requests", Status(429)}, Case{"pending", kPending},
                    Case{"missing", Status(404)}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(Outage, MakesNoDeadLetterForAnyNumberOfCallbacksInHand) {
  for (const bool arrives : {true, false}) {
    for (const int in_hand : {1, 3, 40, 500}) {
      SCOPED_TRACE(testing::Message() << in_hand << " in hand, others arrive: " << arrives);
      FetchSettings settings = FetchBench::DefaultSettings();
      settings.max_age = 10min;
      World world(settings);
      world.Pass(10s);
      world.ArriveMany(in_hand, false);
      world.is_down = true;
      world.Pass(40min, arrives);
      EXPECT_TRUE(world.scheduler().breaker_open());
      world.is_down = false;
      world.Pass(3min, arrives);
      EXPECT_THAT(world.dead_healthy, IsEmpty());
      EXPECT_LE(world.HealthyWaiting(), 5U);
      EXPECT_FALSE(world.scheduler().breaker_open());
    }
  }
}

TEST(Outage, MakesNoDeadLetterOfHealthyCallbacksAmongStuckOnes) {
  FetchSettings settings = FetchBench::DefaultSettings();
  settings.max_age = 10min;
  World world(settings);
  world.stuck = {Status(403)};
  world.ArriveMany(40, true);
  world.Pass(2min);
  world.is_down = true;
  world.Pass(40min);
  EXPECT_TRUE(world.scheduler().breaker_open());
  EXPECT_EQ(world.dead_stuck["too-old"], 0) << "their ages are suspended too";
  world.is_down = false;
  world.Pass(15min);
  EXPECT_EQ(world.dead_stuck["too-old"], 40);
  EXPECT_THAT(world.dead_healthy, IsEmpty());
}

// Whatever is stuck and whenever the host is unavailable, no healthy callback is dead-lettered, and
// all are fetched soon after the host is back.
TEST(Outage, NeverCostsHealthyCallbackUnderRandomStuckOnes) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  RecordProperty("seed", std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 12; ++round) {
    FetchSettings settings = FetchBench::DefaultSettings();
    settings.max_age = 5min;
    settings.breaker_failures = 1 + static_cast<int>(random() % 30);
    World world(settings);
    const std::vector<HttpReply> manners = {Status(403), Status(500), Status(401),
                                            Status(429), Page(),      Status(503)};
    world.stuck = {manners.at(random() % manners.size())};
    for (int part = 0; part < 6; ++part) {
      world.SetRandom(static_cast<double>(random() % 1000) / 1000);
      if (random() % 2 == 0) world.ArriveMany(static_cast<int>(random() % 60), true);
      world.is_down = random() % 3 == 0;
      world.Pass(std::chrono::seconds(1 + random() % 400), random() % 4 != 0);
    }
    world.is_down = false;
    world.Pass(15min);
    EXPECT_THAT(world.dead_healthy, IsEmpty()) << "round " << round;
    EXPECT_LE(world.HealthyWaiting(), 15U) << "round " << round;
  }
}

}  // namespace
}  // namespace consumer
