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

// The log loses its end and soon grows beyond the reading position. The last record of the previous
// look is below the new records that nobody would read.
TEST(History, ReadsWhatIsNewWhenALogHasLostItsEndAndGrownAgain) {
  ExpectGood(
      Scenario{.seed = 16931825039260975829ULL,
               .brokers = 3,
               .partitions = 2,
               .instances = 2,
               .lanes = 2,
               .slow_percent = 5,
               .actions = {
                   {milliseconds(1444), Kind::kArrive, 918, milliseconds(0), 6},
                   {milliseconds(2240), Kind::kArrive, 227, milliseconds(0), 12},
                   {milliseconds(3558), Kind::kArrive, 475, milliseconds(0), 5},
                   {milliseconds(3977), Kind::kArrive, 226, milliseconds(0), 12},
                   {milliseconds(14370), Kind::kArrive, 0, milliseconds(0), 2},
                   {milliseconds(14420), Kind::kTruncate, 1, milliseconds(0), 1, Aim::kCommit},
                   {milliseconds(15258), Kind::kArrive, 471, milliseconds(0), 3},
                   {milliseconds(20127), Kind::kRedeliver, 836, milliseconds(0), 7},
               }});
}

// The beginning was looked up before the record expired.
TEST(History, TellsARecordThatExpiresDuringALookFromALogThatWentBack) {
  ExpectGood(Scenario{
      .seed = 2901958770199227065ULL,
      .brokers = 3,
      .partitions = 4,
      .instances = 2,
      .lanes = 1,
      .actions = {
          {milliseconds(2785), Kind::kRedeliver, 664, milliseconds(0), 1},
          {milliseconds(4362), Kind::kArrive, 374, milliseconds(0), 1},
          {milliseconds(5139), Kind::kDeaf, 899, milliseconds(23118), 69},
          {milliseconds(16046), Kind::kNetwork, 841, milliseconds(4731), -92},
          {milliseconds(17651), Kind::kEvict, 340, milliseconds(3206), 164},
          {milliseconds(22068), Kind::kExpire, 854, milliseconds(12504), 16, Aim::kFetch, true},
      }});
}

// The offset that a late batch committed for the former topic happens to be the beginning of the new
// one. What its metadata says of the record there is of the former topic.
TEST(History, TakesNothingFromTheOffsetOfAnotherLog) {
  ExpectGood(Scenario{.seed = 3202165273080550492ULL,
                      .brokers = 1,
                      .partitions = 4,
                      .instances = 1,
                      .lanes = 1,
                      .recent = 10,
                      .slow_percent = 0,
                      .has_big_records = true,
                      .actions = {
                          {milliseconds(1022), Kind::kArrive, 393, milliseconds(0), 5},
                          {milliseconds(1861), Kind::kArrive, 146, milliseconds(0), 6},
                          {milliseconds(2964), Kind::kBrokerFreeze, 773, milliseconds(23943), 225},
                          {milliseconds(3275), Kind::kArrive, 603, milliseconds(0), 1},
                          {milliseconds(3833), Kind::kArrive, 963, milliseconds(0), 7},
                          {milliseconds(4125), Kind::kArrive, 332, milliseconds(0), 11},
                          {milliseconds(4268), Kind::kArrive, 149, milliseconds(0), 9},
                          {milliseconds(4363), Kind::kArrive, 805, milliseconds(0), 7},
                          {milliseconds(6272), Kind::kBrokerFreeze, 165, milliseconds(4528), -15},
                          {milliseconds(6462), Kind::kApiBad, 606, milliseconds(6155), -141},
                          {milliseconds(7225), Kind::kArrive, 62, milliseconds(0), 3},
                          {milliseconds(7337), Kind::kArrive, 977, milliseconds(0), 8},
                          {milliseconds(8129), Kind::kArrive, 257, milliseconds(0), 11},
                          {milliseconds(8619), Kind::kArrive, 785, milliseconds(0), 9},
                          {milliseconds(9977), Kind::kRedeliver, 729, milliseconds(0), 7},
                          {milliseconds(12388), Kind::kArrive, 244, milliseconds(0), 4},
                          {milliseconds(12804), Kind::kArrive, 655, milliseconds(0), 12},
                          {milliseconds(12961), Kind::kArrive, 320, milliseconds(0), 7},
                          {milliseconds(13368), Kind::kArrive, 86, milliseconds(0), 9},
                          {milliseconds(13731), Kind::kArrive, 471, milliseconds(0), 2},
                          {milliseconds(14616), Kind::kArrive, 793, milliseconds(0), 10},
                          {milliseconds(15129), Kind::kArrive, 820, milliseconds(0), 9},
                          {milliseconds(16068), Kind::kArrive, 961, milliseconds(0), 6},
                          {milliseconds(17609), Kind::kArrive, 348, milliseconds(0), 7},
                          {milliseconds(19018), Kind::kBrokerFreeze, 87, milliseconds(2039), 268},
                          {milliseconds(19474), Kind::kArrive, 809, milliseconds(0), 3},
                          {milliseconds(19479), Kind::kArrive, 952, milliseconds(0), 10},
                          {milliseconds(21059), Kind::kRecreate, 952, milliseconds(2167), -217},
                          {milliseconds(22565), Kind::kArrive, 131, milliseconds(0), 11},
                          {milliseconds(24277), Kind::kBrokerFreeze, 361, milliseconds(1071), 171},
                          {milliseconds(24881), Kind::kApiBad, 286, milliseconds(2559), 28},
                          {milliseconds(25908), Kind::kArrive, 350, milliseconds(0), 4},
                          {milliseconds(26038), Kind::kArrive, 868, milliseconds(0), 1},
                          {milliseconds(26070), Kind::kLate, 0, milliseconds(208), 0, Aim::kCommit},
                          {milliseconds(26070), Kind::kArrive, 0, milliseconds(0), 2},
                          {milliseconds(26370), Kind::kArrive, 0, milliseconds(0), 5},
                          {milliseconds(26670), Kind::kArrive, 0, milliseconds(0), 2},
                          {milliseconds(26970), Kind::kArrive, 0, milliseconds(0), 7},
                          {milliseconds(28599), Kind::kArrive, 254, milliseconds(0), 7},
                          {milliseconds(30101), Kind::kBrokerFreeze, 466, milliseconds(1337), 87},
                          {milliseconds(30879), Kind::kArrive, 822, milliseconds(0), 12},
                          {milliseconds(30920), Kind::kRecreate, 879, milliseconds(22446), -122},
                          {milliseconds(32508), Kind::kApiBad, 598, milliseconds(14127), 74},
                          {milliseconds(33509), Kind::kBrokerFreeze, 215, milliseconds(4528), -134},
                          {milliseconds(33771), Kind::kRedeliver, 701, milliseconds(0), 8},
                          {milliseconds(39786), Kind::kArrive, 0, milliseconds(0), 4},
                      }});
}

// The partition of `callbacks.dead` that Kafka has forgotten has no leader for two minutes: nobody can
// know whether something is open there.
TEST(History, IsNotGreenWhileNobodyCanLookForForgottenTransactions) {
  ExpectGood(Scenario{
      .seed = 13899248581865101714ULL,
      .brokers = 3,
      .partitions = 1,
      .instances = 3,
      .lanes = 2,
      .slow_percent = 39,
      .actions = {
          {milliseconds(190), Kind::kRedeliver, 302, milliseconds(0), 4},
          {milliseconds(1698), Kind::kArrive, 338, milliseconds(0), 11},
          {milliseconds(3462), Kind::kArrive, 0, milliseconds(0), 6},
          {milliseconds(3624), Kind::kArrive, 0, milliseconds(0), 6},
          {milliseconds(3762), Kind::kArrive, 0, milliseconds(0), 6},
          {milliseconds(4062), Kind::kArrive, 0, milliseconds(0), 2},
          {milliseconds(8297), Kind::kArrive, 243, milliseconds(0), 11},
          {milliseconds(10879), Kind::kForget, 36, milliseconds(24582), 26, Aim::kCommit, true},
          {milliseconds(11541), Kind::kArrive, 0, milliseconds(0), 6},
          {milliseconds(17274), Kind::kLeaderGone, 11863486212303448558ULL, milliseconds(119630),
           0},
          {milliseconds(17374), Kind::kEvict, 4130090482914388075ULL, milliseconds(1510), 0},
      }});
}

// The breaker is open, and all callbacks in hand are given up, the one for its next probe among them,
// because their log was created again.
TEST(History, ReadsOnWhenTheCallbackForTheNextProbeIsGivenUp) {
  ExpectGood(Scenario{
      .seed = 18122734870376510019ULL,
      .brokers = 1,
      .partitions = 4,
      .instances = 1,
      .lanes = 2,
      .recent = 9,
      .actions = {
          {milliseconds(1188), Kind::kArrive, 938, milliseconds(0), 4},
          {milliseconds(2589), Kind::kBrokerCrash, 254, milliseconds(4839), -146},
          {milliseconds(3239), Kind::kArrive, 0, milliseconds(0), 5},
          {milliseconds(3289), Kind::kLoseAnswer, 0, milliseconds(0), 0, Aim::kCommit},
          {milliseconds(3289), Kind::kLeaderGone, 0, milliseconds(15127), 0, Aim::kCommit},
          {milliseconds(4911), Kind::kHold, 731, milliseconds(3995), -147, Aim::kJoin},
          {milliseconds(6596), Kind::kRedeliver, 788, milliseconds(0), 2},
          {milliseconds(8234), Kind::kArrive, 436, milliseconds(0), 3},
          {milliseconds(12240), Kind::kRedeliver, 827, milliseconds(0), 1},
          {milliseconds(12572), Kind::kRedeliver, 850, milliseconds(0), 11},
          {milliseconds(13143), Kind::kEvict, 689, milliseconds(647), -168},
          {milliseconds(13495), Kind::kRecreate, 254, milliseconds(273), -238, Aim::kProduce, true},
          {milliseconds(15064), Kind::kArrive, 589, milliseconds(0), 4},
          {milliseconds(18327), Kind::kHold, 548, milliseconds(4313), 10, Aim::kJoin},
          {milliseconds(19118), Kind::kArrive, 843, milliseconds(0), 5},
          {milliseconds(22482), Kind::kFreeze, 687, milliseconds(6058), -139, Aim::kAddPartitions},
          {milliseconds(22770), Kind::kRedeliver, 553, milliseconds(0), 7},
          {milliseconds(25488), Kind::kHold, 592, milliseconds(20910), -166, Aim::kAbort},
          {milliseconds(27607), Kind::kRedeliver, 718, milliseconds(0), 2},
          {milliseconds(27823), Kind::kArrive, 483, milliseconds(0), 5},
          {milliseconds(28188), Kind::kArrive, 261, milliseconds(0), 12},
          {milliseconds(28451), Kind::kRedeliver, 763, milliseconds(0), 2},
          {milliseconds(30362), Kind::kArrive, 261, milliseconds(0), 4},
          {milliseconds(30687), Kind::kApiDown, 136, milliseconds(4218), 188},
          {milliseconds(32864), Kind::kRedeliver, 885, milliseconds(0), 8},
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
