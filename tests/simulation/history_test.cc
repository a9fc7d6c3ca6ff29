// Whole histories of the consumer half, under a seeded adversary: ops/docs/simulation.md.
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "tests/simulation/world/adversary.h"
#include "tests/simulation/world/world.h"

namespace simulation {
namespace {

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
