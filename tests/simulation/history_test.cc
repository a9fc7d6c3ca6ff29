// Whole histories of the consumer half, under a seeded adversary: ops/docs/simulation.md.
#include <gtest/gtest.h>

#include <random>

#include "tests/simulation/world/world.h"

namespace simulation {
namespace {

void ExpectGood(std::uint64_t seed) {
  const Outcome outcome = RunScenario(MakeScenario(seed));
  std::string text;
  for (const std::string& violation : outcome.violations) text += violation + "\n";
  EXPECT_TRUE(outcome.is_good()) << "seed " << seed << "\n" << text;
}

TEST(History, HoldsWithFixedSeeds) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) ExpectGood(seed);
}

TEST(History, HoldsWithFreshSeeds) {
  const std::uint64_t first = std::random_device()();
  for (std::uint64_t seed = first; seed < first + 6; ++seed) ExpectGood(seed);
}

// The transaction that ends a predecessor's forgotten offsets may leave no offset of its own pending:
// Kafka can forget its end, too, and the next commit of the producer would set the partition back.
TEST(History, KeepsOffsetsWhenKafkaForgetsTheEndOfForgottenOffsets) { ExpectGood(5198); }

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
