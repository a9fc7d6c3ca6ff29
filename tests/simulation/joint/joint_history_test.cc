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
TEST(JointHistory, TreatsCopiesOfAnotherHourAsOneDelivery) {
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

TEST(JointHistory, PublishesAnnouncedProcessesBesideCallbacks) {
  const Outcome outcome = ExpectGood(Scenario{
      .consumers = {.has_announcements = true, .actions = {}},
      .actions = {intake::Action{milliseconds(6'000), intake::Kind::kArrive, 0, {}, 30},
                  simulation::Action{
                      .at = milliseconds(6'000), .kind = simulation::Kind::kAnnounce, .number = 30},
                  Operate{.at = milliseconds(40'000), .job = Job::kAudit}}});
  EXPECT_EQ(outcome.announced, 30U);
  EXPECT_GT(outcome.reconciled, 15U);
  EXPECT_EQ(outcome.healed, 0) << "a result without callback needs none";
}

// On a slow disk the next file is moved away while the last one is copied into it.
TEST(JointHistory, AnswersNo200ForACallbackWhoseFileIsMovedAwayDuringTheCopy) {
  using intake::Kind;
  ExpectGood(Scenario{
      .consumers = {.seed = 17486720013340912772ULL, .partitions = 2, .actions = {}},
      .ingest = {.seed = 6540795012873520379ULL, .max_in_flight = 9, .batch_ms = 0, .actions = {}},
      .actions = {
          intake::Action{milliseconds(10'828), Kind::kKafkaAway, 0, milliseconds(27'027), 0},
          intake::Action{milliseconds(18'787), Kind::kArrive, 0, {}, 7},
          intake::Action{milliseconds(19'159), Kind::kArriveOneShot, 0, {}, 10},
          intake::Action{milliseconds(19'321), Kind::kArriveOneShot, 0, {}, 10},
          intake::Action{milliseconds(19'652), Kind::kArriveOneShot, 0, {}, 4},
          intake::Action{milliseconds(20'612), Kind::kRedeliver, 0, {}, 12},
          intake::Action{milliseconds(20'645), Kind::kArriveOneShot, 0, {}, 4},
          intake::Action{milliseconds(20'649), Kind::kArrive, 0, {}, 8},
          intake::Action{milliseconds(21'619), Kind::kArriveOneShot, 0, {}, 3},
          intake::Action{milliseconds(21'931), Kind::kFileMoved, 42, {}, 0},
          intake::Action{milliseconds(23'085), Kind::kDiskSlow, 409, milliseconds(3'447), 0},
          intake::Action{milliseconds(23'384), Kind::kFileMoved, 685, {}, 0},
          intake::Action{milliseconds(23'551), Kind::kRedeliver, 0, {}, 10},
          intake::Action{milliseconds(26'025), Kind::kFileMoved, 169, {}, 0}}});
}

}  // namespace
}  // namespace simulation::joint
