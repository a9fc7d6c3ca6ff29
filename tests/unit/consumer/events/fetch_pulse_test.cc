// How /livez judges fetches: each has a deadline, so some must end while any are in flight.
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <optional>

#include "consumer/events.h"

namespace consumer {
namespace {

using std::chrono::hours;

class FetchPulse : public ::testing::Test {
 protected:
  [[nodiscard]] bool IsAliveAfter(Pulse::Clock::duration silence) const {
    return reporter.fetch_pulse().IsAlive(Pulse::Clock::now() + silence, hours(1));
  }

  common::Logger log{"consumer", [](std::string_view /*line*/) {}};
  common::ProviderTable providers;
  prometheus::Registry registry;
  Events events{providers, 1, registry, log};
  LaneReporter reporter{events, 0};
};

TEST_F(FetchPulse, RestsWithoutFetches) {
  EXPECT_TRUE(IsAliveAfter(hours(1'000)));
  reporter.InFlightChanged(2);
  reporter.InFlightChanged(0);
  EXPECT_TRUE(IsAliveAfter(hours(1'000)));
}

TEST_F(FetchPulse, StopsWhenNoFetchInFlightEnds) {
  reporter.InFlightChanged(2);
  EXPECT_TRUE(IsAliveAfter(hours(0)));
  EXPECT_FALSE(IsAliveAfter(hours(2)));
}

TEST_F(FetchPulse, BeatsWithEachFinishedAttemptAndWhileResultsWait) {
  reporter.InFlightChanged(2);
  const auto early = Pulse::Clock::now();
  while (Pulse::Clock::now() == early) {
  }
  reporter.AttemptFinished({});
  EXPECT_TRUE(reporter.fetch_pulse().IsAlive(early, Pulse::Clock::duration(0)));
  reporter.ResultsWait();
  EXPECT_TRUE(IsAliveAfter(hours(0)));
  EXPECT_FALSE(IsAliveAfter(hours(2)));
}

}  // namespace
}  // namespace consumer
