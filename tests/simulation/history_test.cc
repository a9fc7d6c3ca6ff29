// Whole histories of the consumer half, under a seeded adversary: ops/docs/simulation.md.
#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <string>

#include "tests/simulation/world/adversary.h"
#include "tests/simulation/world/world.h"

namespace simulation {
namespace {

using std::chrono::milliseconds;

void ExpectGood(const Scenario& scenario) {
  const Outcome outcome = RunScenario(scenario);
  std::string text;
  for (const std::string& violation : outcome.violations) text += violation + "\n";
  EXPECT_TRUE(outcome.is_good()) << text;
}

void ExpectGood(std::uint64_t seed) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  ExpectGood(MakeScenario(seed));
}

TEST(History, HoldsWithFixedSeeds) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) ExpectGood(seed);
}

TEST(History, HoldsWithFreshSeeds) {
  const std::uint64_t first = std::random_device()();
  for (std::uint64_t seed = first; seed < first + 6; ++seed) ExpectGood(seed);
}

// A dead letter shows that its transaction was committed, even if Kafka has forgotten the end of that
// transaction on both other topics and for the offset.
TEST(History, HasOneDeadLetterWhenKafkaForgetsEverythingElseOfItsTransaction) {
  ExpectGood(Scenario{.seed = 7881441570020698793ULL,
                      .brokers = 3,
                      .partitions = 4,
                      .instances = 1,
                      .lanes = 1,
                      .recent = 14,
                      .actions = {
                          {milliseconds(97), Kind::kArrive, 934, milliseconds(0), 4},
                          {milliseconds(145), Kind::kArrive, 557, milliseconds(0), 5},
                          {milliseconds(4936), Kind::kFreeze, 630, milliseconds(3388), 79},
                          {milliseconds(5340), Kind::kForget, 16, milliseconds(10688), 71},
                          {milliseconds(7668), Kind::kArrive, 399, milliseconds(0), 10},
                          {milliseconds(11232), Kind::kStop, 385, milliseconds(2888), -163},
                      }});
}

TEST(History, RepeatsItselfWithTheSameSeed) {
  for (const std::uint64_t seed : {3U, 11U}) {
    const Outcome first = RunScenario(MakeScenario(seed));
    const Outcome second = RunScenario(MakeScenario(seed));
    EXPECT_EQ(first.hash, second.hash);
    EXPECT_EQ(first.covered, second.covered);
  }
}

}  // namespace
}  // namespace simulation
