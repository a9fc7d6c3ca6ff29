// Whole histories of both halves on one cluster: ops/docs/simulation.md.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <string>

#include "tests/simulation/joint/adversary.h"
#include "tests/simulation/joint/world.h"

namespace simulation::joint {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

Outcome ExpectGood(const Scenario& scenario) {
  const Outcome outcome = RunScenario(scenario);
  EXPECT_THAT(outcome.violations, ::testing::IsEmpty());
  return outcome;
}

TEST(JointHistory, HoldsWithFixedSeeds) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    ExpectGood(MakeScenario(seed));
  }
}

TEST(JointHistory, HoldsWithFreshSeeds) {
  const std::uint64_t first = std::random_device()();
  for (std::uint64_t seed = first; seed < first + 8; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    ExpectGood(MakeScenario(seed));
  }
}

TEST(JointHistory, IsTheSameForTheSameSeed) {
  const Scenario scenario = MakeScenario(7);
  EXPECT_EQ(RunScenario(scenario).hash, RunScenario(scenario).hash);
}

TEST(JointHistory, HasOneResultForEachCallbackThatIsAnswered200IfNothingFails) {
  const Outcome outcome = ExpectGood(
      Scenario{.actions = {intake::Action{milliseconds(6'000), intake::Kind::kArrive, 0, {}, 60}}});
  EXPECT_EQ(outcome.disposed, outcome.facts);
  EXPECT_EQ(outcome.promised, outcome.deliveries);
}

// Kafka has the callbacks, their acks are lost, and the spool writes them again nine hours later:
// the window of their providers was an hour.
TEST(JointHistory, TakesCopiesOfAnotherHourForOneDelivery) {
  const Outcome outcome = ExpectGood(Scenario{
      .actions = {
          AcksLost{milliseconds(6'000), milliseconds(7'000)},
          intake::Action{milliseconds(6'050), intake::Kind::kArriveOneShot, 0, {}, 20},
          intake::Action{milliseconds(12'500), intake::Kind::kKafkaAway, 0, milliseconds(6'000), 0},
          Sleep{milliseconds(14'000), minutes(9 * 60)},
          intake::Action{milliseconds(20'000), intake::Kind::kArriveOneShot, 0, {}, 5}}});
  EXPECT_GE(outcome.copies, 20U);
  EXPECT_EQ(outcome.disposed, outcome.facts);
}

}  // namespace
}  // namespace simulation::joint
