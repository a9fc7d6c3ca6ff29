// The cost of callbacks that cannot be fetched, to the others, does not grow with their number.
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

TEST(ManyStuck, AtFrontDoNotHideOthersForLong) {
  World world;
  world.stuck = {Status(503)};
  world.ArriveMany(1000, true);
  world.Pass(300s);
  EXPECT_GE(world.HealthyDone(), 60U);
  world.ForgetWaits();
  world.Pass(300s);
  EXPECT_LT(world.HealthyP95(), 5s);
  EXPECT_LE(world.HealthyWaiting(), 10U);
}

TEST(ManyStuck, DoNotReduceRateOfOthers) {
  FetchSettings settings = FetchBench::DefaultSettings();
  settings.rate_limit = 10;
  World world(settings);
  world.stuck = {Status(403)};
  world.Pass(10s);
  world.ArriveMany(1000, true);
  world.Pass(300s);
  world.ForgetWaits();
  world.Pass(300s);
  EXPECT_LT(world.HealthyP95(), 5s);
}

TEST(ManyStuck, DoNotLowerConcurrencyOfOthers) {
  World world;
  world.stuck = {Status(429)};
  for (int second = 0; second < 10; ++second) {
    world.ArriveMany(100, false);
    world.Pass(1s);
  }
  const int before = world.events().concurrency_limit;
  world.ArriveMany(10, true);
  for (int second = 0; second < 200; ++second) {
    world.ArriveMany(100, false);
    world.Pass(1s);
  }
  EXPECT_GE(world.events().concurrency_limit, 16) << "it was " << before;
}

TEST(ManyStuck, BecomeTooOldWhileOthersSucceed) {
  FetchSettings settings = FetchBench::DefaultSettings();
  settings.max_age = 10min;
  World world(settings);
  world.stuck = {Status(403)};
  world.ArriveMany(40, true);
  world.Pass(13min);
  EXPECT_EQ(world.dead_stuck["too-old"], 40);
  EXPECT_THAT(world.dead_healthy, IsEmpty());
}

struct Kind {
  const char* name;
  World::Manner manner;
  bool is_dossier = false;
  /// Two resources with a Retry-After hold the host, and their first Retry-After is obeyed.
  std::chrono::seconds settles{30};
};
void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }

class AnyNumberOfStuck : public testing::TestWithParam<Kind> {};

TEST_P(AnyNumberOfStuck, DoesNotReduceRateOfOthers) {
  const std::chrono::seconds settles = GetParam().settles;
  for (const bool has_run : {false, true}) {
    for (const int count : {1, 100, 10'000}) {
      SCOPED_TRACE(testing::Message() << count << " stuck, has run before: " << has_run);
      World world;
      world.healthy_per_second = 20;
      world.stuck = GetParam().manner;
      world.are_dossiers_stuck = GetParam().is_dossier;
      if (has_run) world.Pass(30s);
      world.ArriveMany(count, true);
      world.Pass(settles);
      world.ForgetWaits();
      world.Pass(60s);
      EXPECT_LT(world.HealthyP95(), 1s);
      EXPECT_GE(world.HealthyDone(), 1190U) << "of 1200";
      EXPECT_LE(world.HealthyWaiting(), 10U);
      EXPECT_THAT(world.dead_healthy, IsEmpty());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, AnyNumberOfStuck,
    testing::Values(Kind{"slow", {Fault(TransportFault::kTimeout), 10s}},
                    Kind{"slow_dossier", {Fault(TransportFault::kTimeout), 10s}, true},
                    Kind{"too_many_requests", {Status(429)}},
                    Kind{"too_many_requests_for_dossier", {Status(429)}, true},
                    Kind{"retry_after", {RetryAfter(Status(503), "30")}, false, 120s},
                    Kind{"retry_after_for_dossier", {RetryAfter(Status(503), "30")}, true, 180s},
                    Kind{"retry_after_of_an_hour", {RetryAfter(Status(429), "3600")}, false, 120s},
                    Kind{"forbidden", {Status(403)}, false, 120s}),
    [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace consumer
