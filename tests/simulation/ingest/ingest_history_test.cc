// Whole histories of ingest, under a seeded adversary: ops/docs/simulation.md.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <string>

#include "tests/simulation/ingest/world/adversary.h"
#include "tests/simulation/ingest/world/world.h"

namespace simulation::intake {
namespace {

using std::chrono::milliseconds;

Outcome ExpectGood(const Scenario& scenario) {
  const Outcome outcome = RunScenario(scenario);
  EXPECT_THAT(outcome.violations, ::testing::IsEmpty());
  return outcome;
}

TEST(IngestHistory, HoldsWithFixedSeeds) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    ExpectGood(MakeScenario(seed));
  }
}

TEST(IngestHistory, HoldsWithFreshSeeds) {
  const std::uint64_t first = std::random_device()();
  for (std::uint64_t seed = first; seed < first + 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    ExpectGood(MakeScenario(seed));
  }
}

TEST(IngestHistory, IsTheSameForTheSameSeed) {
  const Scenario scenario = MakeScenario(7);
  EXPECT_EQ(RunScenario(scenario).hash, RunScenario(scenario).hash);
}

TEST(IngestHistory, WritesEachDeliveryOnceIfNothingFails) {
  const Outcome outcome = ExpectGood(
      Scenario{.seed = 1,
               .instances = 2,
               .actions = {{milliseconds(6'000), Kind::kArrive, 0, milliseconds(0), 60}}});
  EXPECT_EQ(outcome.facts, outcome.promised);
  EXPECT_EQ(outcome.written, outcome.promised);
  EXPECT_EQ(outcome.copies, 0U);
  EXPECT_EQ(outcome.spooled, 0U);
}

TEST(IngestHistory, ReplaysCallbacksOfAnOutage) {
  const Outcome outcome = ExpectGood(
      Scenario{.seed = 1,
               .instances = 1,
               .actions = {{milliseconds(6'000), Kind::kKafkaAway, 0, milliseconds(20'000), 0},
                           {milliseconds(8'000), Kind::kArriveOneShot, 0, milliseconds(0), 30},
                           {milliseconds(30'000), Kind::kArrive, 0, milliseconds(0), 1}}});
  EXPECT_GE(outcome.spooled, 30U);
}

TEST(IngestHistory, LosesNoOneShotCallbackToAPauseOfTheDiskInAnOutage) {
  const Outcome outcome = ExpectGood(
      Scenario{.seed = 1,
               .instances = 1,
               .actions = {{milliseconds(6'000), Kind::kKafkaAway, 0, milliseconds(30'000), 0},
                           {milliseconds(13'000), Kind::kArriveOneShot, 0, milliseconds(0), 20},
                           {milliseconds(14'000), Kind::kDiskHangs, 0, milliseconds(2'000), 0},
                           {milliseconds(14'050), Kind::kArriveOneShot, 0, milliseconds(0), 20},
                           {milliseconds(15'300), Kind::kArriveOneShot, 0, milliseconds(0), 20},
                           {milliseconds(20'000), Kind::kDiskSync, 0, milliseconds(1'500), 0},
                           {milliseconds(20'050), Kind::kArriveOneShot, 0, milliseconds(0), 20},
                           {milliseconds(25'000), Kind::kDiskRefuses, 0, milliseconds(3'000), 0},
                           {milliseconds(25'050), Kind::kArriveOneShot, 0, milliseconds(0), 20}}});
  EXPECT_EQ(outcome.promised, outcome.deliveries);
  EXPECT_GE(outcome.spooled, 100U);
}

TEST(IngestHistory, IsNotReadyWithAClientThatCannotBeReplaced) {
  ExpectGood(Scenario{.seed = 1,
                      .instances = 1,
                      .has_spool = false,
                      .actions = {{milliseconds(6'000), Kind::kFatal, 0, milliseconds(40'000), 0},
                                  {milliseconds(7'000), Kind::kArrive, 0, milliseconds(0), 20},
                                  {milliseconds(40'000), Kind::kArrive, 0, milliseconds(0), 1}}});
}

// Kafka is back while no client can be made, and away again when one is made: nobody can know at
// once.
TEST(IngestHistory, MayBeReadyForAMomentWhenKafkaGoesAwayAsAClientIsMade) {
  ExpectGood(
      Scenario{.seed = 14691311199256749910ULL,
               .brokers = 3,
               .partitions = 1,
               .instances = 2,
               .has_spool = false,
               .may_read_limit = false,
               .actions = {{milliseconds(13'410), Kind::kKafkaAway, 0, milliseconds(17'828), 0},
                           {milliseconds(24'370), Kind::kFatal, 701, milliseconds(14'832), -297},
                           {milliseconds(38'762), Kind::kKafkaAway, 0, milliseconds(8'399), 0}}});
}

// A refused callback is waited for no longer although the full disk cannot keep it apart; then the
// process ends, and the file with the callback was moved away.
TEST(IngestHistory, WaitsForNoRefusedCallbackOfTheKeyWhileTheDiskIsFull) {
  ExpectGood(
      Scenario{.seed = 3018891509026471087ULL,
               .brokers = 3,
               .partitions = 2,
               .instances = 1,
               .max_callback_bytes = 6'000,
               .has_big_records = true,
               .actions = {{milliseconds(1850), Kind::kArriveOneShot, 0, milliseconds(0), 10},
                           {milliseconds(2158), Kind::kCrash, 994, milliseconds(3361), 31},
                           {milliseconds(5162), Kind::kKafkaAway, 0, milliseconds(10892), 0},
                           {milliseconds(5406), Kind::kArriveOneShot, 0, milliseconds(0), 4},
                           {milliseconds(5671), Kind::kArrive, 0, milliseconds(0), 9},
                           {milliseconds(14514), Kind::kArrive, 0, milliseconds(0), 7},
                           {milliseconds(15628), Kind::kArriveOneShot, 0, milliseconds(0), 3},
                           {milliseconds(15920), Kind::kFileMoved, 364, milliseconds(2671), 0},
                           {milliseconds(16233), Kind::kDiskFull, 137, milliseconds(5100), 0},
                           {milliseconds(21292), Kind::kCrash, 36, milliseconds(19373), 254}}});
}

}  // namespace
}  // namespace simulation::intake
