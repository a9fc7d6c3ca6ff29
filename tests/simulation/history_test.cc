// Whole histories of the consumer half, under a seeded adversary: ops/docs/simulation.md.
#include <gmock/gmock.h>
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
  SCOPED_TRACE("with announced processes");
  ExpectGood(MakeAnnouncedScenario(seed));
}

TEST(History, HoldsWithFixedSeeds) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) ExpectGood(seed);
}

// The command is killed at each of its steps, and repeated.
TEST(History, HandlesNoCallbackTwiceWhenPartitionsAreRaised) {
  for (const int kill_after : {0, 5, 10'030, 10'100, 10'400, 11'500}) {
    SCOPED_TRACE("killed after " + std::to_string(kill_after) + " ms");
    const Outcome outcome = RunScenario(
        Scenario{.seed = 5,
                 .brokers = 3,
                 .partitions = 2,
                 .instances = 2,
                 .has_announcements = true,
                 .actions = {{milliseconds(1'000), Kind::kAnnounce, 0, {}, 20},
                             {milliseconds(1'000), Kind::kArrive, 0, {}, 40},
                             {milliseconds(8'000), Kind::kRaise, 0, milliseconds(kill_after), 3},
                             {milliseconds(9'000), Kind::kRedeliver, 0, {}, 20},
                             {milliseconds(9'000), Kind::kArrive, 0, {}, 20},
                             {milliseconds(60'000), Kind::kRedeliver, 0, {}, 30}}});
    EXPECT_THAT(outcome.violations, ::testing::IsEmpty());
    EXPECT_EQ(outcome.partitions, 5);
  }
}

// Nothing fails, and some callbacks never come.
TEST(History, PublishesAnnouncedProcessesWhoseCallbackIsLost) {
  const Outcome outcome =
      RunScenario(Scenario{.seed = 1,
                           .brokers = 1,
                           .partitions = 2,
                           .instances = 2,
                           .has_announcements = true,
                           .actions = {{milliseconds(1'000), Kind::kAnnounce, 0ULL, {}, 60}}});
  EXPECT_THAT(outcome.violations, ::testing::IsEmpty());
  EXPECT_EQ(outcome.announced, 60U);
  EXPECT_GT(outcome.reconciled, 10U);
  EXPECT_LT(outcome.reconciled, 50U) << "many callbacks come";
  EXPECT_GT(outcome.lost, 0U);
  EXPECT_LT(outcome.lost, outcome.reconciled) << "some are only late";
}

TEST(History, HoldsWithFreshSeeds) {
  const std::uint64_t first = std::random_device()();
  for (std::uint64_t seed = first; seed < first + 20; ++seed) ExpectGood(seed);
}

// A dead letter shows that its transaction was committed, even if Kafka has forgotten the end of
// that transaction on both other topics and for the offset.
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
TEST(History, ReadsNewRecordsOfLogThatLostItsEndAndGrewAgain) {
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

// The offset that a late batch committed for the former topic happens to be the beginning of the
// new one. What its metadata says of the record there is of the former topic.
TEST(History, IgnoresOffsetOfAnotherLog) {
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

// The partition of `callbacks.dead` that Kafka has forgotten has no leader for two minutes: nobody
// can know whether something is open there.
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

// The breaker is open, and all callbacks in hand are given up, the one for its next probe among
// them, because their log was created again.
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

// The log loses its end while two offsets may come into force: a former one beyond the end, and a
// pending one below it, with which the next owner sees nothing amiss.
TEST(History, AsksForNoWordOfALogThatEndsBetweenTwoOffsets) {
  ExpectGood(
      Scenario{.seed = 1975283863359746675ULL,
               .brokers = 3,
               .partitions = 4,
               .instances = 2,
               .lanes = 1,
               .slow_percent = 16,
               .has_big_records = true,
               .actions = {
                   {milliseconds(351), Kind::kRedeliver, 267, milliseconds(0), 8},
                   {milliseconds(1479), Kind::kArrive, 184, milliseconds(0), 12},
                   {milliseconds(2411), Kind::kTruncate, 972, milliseconds(236), 4},
                   {milliseconds(3180), Kind::kApiBad, 961, milliseconds(1283), 4},
                   {milliseconds(3944), Kind::kTruncate, 192, milliseconds(879), 20},
                   {milliseconds(4027), Kind::kArrive, 625, milliseconds(0), 10},
                   {milliseconds(4565), Kind::kTruncate, 577, milliseconds(3924), 6},
                   {milliseconds(4881), Kind::kRedeliver, 732, milliseconds(0), 6},
                   {milliseconds(7467), Kind::kTruncate, 47, milliseconds(8562), 4},
                   {milliseconds(7499), Kind::kTruncate, 777, milliseconds(716), 17},
                   {milliseconds(7782), Kind::kTruncate, 532, milliseconds(137), 18},
                   {milliseconds(11375), Kind::kRedeliver, 283, milliseconds(0), 8},
                   {milliseconds(11486), Kind::kArrive, 834, milliseconds(0), 12},
                   {milliseconds(11774), Kind::kTruncate, 892, milliseconds(3345), 16},
                   {milliseconds(12587), Kind::kArrive, 283, milliseconds(0), 9},
                   {milliseconds(12903), Kind::kTruncate, 663, milliseconds(18957), 3},
                   {milliseconds(13417), Kind::kArrive, 239, milliseconds(0), 2},
                   {milliseconds(14552), Kind::kTruncate, 171, milliseconds(18065), 20},
                   {milliseconds(16152), Kind::kArrive, 0, milliseconds(0), 6},
                   {milliseconds(16824), Kind::kArrive, 69, milliseconds(0), 3},
                   {milliseconds(16946), Kind::kRedeliver, 360, milliseconds(0), 6},
                   {milliseconds(17268), Kind::kTruncate, 989, milliseconds(3580), 8},
                   {milliseconds(17315), Kind::kTruncate, 774, milliseconds(3612), 10},
                   {milliseconds(18514), Kind::kArrive, 0, milliseconds(0), 5},
                   {milliseconds(20944), Kind::kArrive, 271, milliseconds(0), 11},
                   {milliseconds(22256), Kind::kArrive, 0, milliseconds(0), 3},
                   {milliseconds(22923), Kind::kArrive, 0, milliseconds(0), 3},
                   {milliseconds(22973), Kind::kMarkersSlow, 0, milliseconds(5227), 0},
                   {milliseconds(22973), Kind::kCrash, 0, milliseconds(1943), 0, Aim::kCommit},
                   {milliseconds(22975), Kind::kRedeliver, 968, milliseconds(0), 6},
                   {milliseconds(23295), Kind::kArrive, 344, milliseconds(0), 8},
                   {milliseconds(23982), Kind::kArrive, 788, milliseconds(0), 4},
                   {milliseconds(24473), Kind::kEvict, 0, milliseconds(1686), 0, Aim::kOffsets},
                   {milliseconds(24748), Kind::kArrive, 0, milliseconds(0), 2},
                   {milliseconds(26539), Kind::kTruncate, 482, milliseconds(3018), 16},
               }});
}

// The result of an announced process is set aside with others, tried first, and too large.
TEST(History, HoldsUpNothingBehindAResultThatIsGivenUp) {
  ExpectGood(Scenario{
      .seed = 11055058322591628050ULL,
      .brokers = 1,
      .partitions = 4,
      .instances = 3,
      .lanes = 2,
      .recent = 12,
      .slow_percent = 19,
      .has_big_records = true,
      .has_announcements = true,
      .actions = {
          {milliseconds(3498), Kind::kAnnounce, 15991414944482487386ULL, milliseconds(0), 2},
          {milliseconds(3847), Kind::kBrokerFreeze, 248, milliseconds(1685), 24, Aim::kJoin},
          {milliseconds(4064), Kind::kApiDown, 907718840619554164, milliseconds(6939), 0},
          {milliseconds(4114), Kind::kArrive, 0, milliseconds(0), 2},
          {milliseconds(4428), Kind::kArrive, 0, milliseconds(0), 4},
          {milliseconds(5685), Kind::kArrive, 320, milliseconds(0), 12},
          {milliseconds(6976), Kind::kArrive, 962, milliseconds(0), 1},
          {milliseconds(7246), Kind::kRedeliver, 0, milliseconds(0), 1},
          {milliseconds(7877), Kind::kBrokerFreeze, 464, milliseconds(2061), -267, Aim::kProduce},
          {milliseconds(10639), Kind::kAnnounce, 323857129846039627ULL, milliseconds(0), 1},
          {milliseconds(15566), Kind::kArrive, 623, milliseconds(0), 9},
          {milliseconds(21729), Kind::kArrive, 251, milliseconds(0), 4},
          {milliseconds(26455), Kind::kEvict, 27, milliseconds(1830), -12},
          {milliseconds(45320), Kind::kAnnounce, 18247826242367990271ULL, milliseconds(0), 2},
          {milliseconds(50929), Kind::kAnnounce, 12186681207153115374ULL, milliseconds(0), 5},
          {milliseconds(61173), Kind::kLeaderGone, 0, milliseconds(21016), 0, Aim::kCommit},
      }});
}

// The offset of a late batch is of the former topic, and what it could be compared with has
// expired.
TEST(History, AsksForNoWordOfExpiredCallbacksBelowTheOffsetOfAnotherLog) {
  ExpectGood(Scenario{
      .seed = 8503881855308595930ULL,
      .brokers = 3,
      .partitions = 1,
      .instances = 2,
      .lanes = 1,
      .recent = 0,
      .slow_percent = 0,
      .has_big_records = true,
      .has_announcements = true,
      .actions = {
          {milliseconds(2715), Kind::kArrive, 345, milliseconds(0), 7},
          {milliseconds(3801), Kind::kRecreate, 367, milliseconds(395), 291},
          {milliseconds(5024), Kind::kArrive, 0, milliseconds(0), 7},
          {milliseconds(5074), Kind::kScale, 9203430874315019207, milliseconds(12708), 0},
          {milliseconds(5460), Kind::kArrive, 0, milliseconds(0), 6},
          {milliseconds(5510), Kind::kEvict, 9857842259166251726ULL, milliseconds(29308), 0},
          {milliseconds(5547), Kind::kArrive, 0, milliseconds(0), 5},
          {milliseconds(5597), Kind::kScale, 17165036086787253360ULL, milliseconds(15506), 0},
          {milliseconds(6035), Kind::kArrive, 962, milliseconds(0), 1},
          {milliseconds(7342), Kind::kArrive, 0, milliseconds(0), 3},
          {milliseconds(7392), Kind::kEvict, 2239696185467879947, milliseconds(17792), 0},
          {milliseconds(8222), Kind::kRedeliver, 0, milliseconds(0), 3},
          {milliseconds(9027), Kind::kArrive, 786, milliseconds(0), 3},
          {milliseconds(10703), Kind::kArrive, 616, milliseconds(0), 4},
          {milliseconds(12170), Kind::kRedeliver, 0, milliseconds(0), 1},
          {milliseconds(12469), Kind::kLeaderGone, 222, milliseconds(3355), 235, Aim::kFetch},
          {milliseconds(12538), Kind::kRecreate, 876, milliseconds(3615), -166,
           Aim::kAddPartitions},
          {milliseconds(13722), Kind::kRedeliver, 0, milliseconds(0), 2},
          {milliseconds(13904), Kind::kArrive, 617, milliseconds(0), 6},
          {milliseconds(15705), Kind::kArrive, 787, milliseconds(0), 6},
          {milliseconds(17276), Kind::kArrive, 0, milliseconds(0), 2},
          {milliseconds(17326), Kind::kLeaderGone, 16238977081646481634ULL, milliseconds(52475), 0},
          {milliseconds(17408), Kind::kArrive, 772, milliseconds(0), 3},
          {milliseconds(17426), Kind::kCrash, 9826733505912081626ULL, milliseconds(547), 0},
          {milliseconds(17560), Kind::kAnnounce, 8788807328423437799, milliseconds(0), 1},
          {milliseconds(19416), Kind::kTruncateExpected, 14674597414035681954ULL, milliseconds(0),
           4},
          {milliseconds(19802), Kind::kArrive, 0, milliseconds(0), 2},
          {milliseconds(19852), Kind::kScale, 10638253384221619097ULL, milliseconds(14445), 0},
          {milliseconds(20107), Kind::kArrive, 0, milliseconds(0), 3},
          {milliseconds(20157), Kind::kEvict, 7620328460871509389, milliseconds(21201), 0},
          {milliseconds(20276), Kind::kArrive, 0, milliseconds(0), 4},
          {milliseconds(20612), Kind::kLoseAnswer, 632, milliseconds(5698), 270, Aim::kFetchOffsets,
           true},
          {milliseconds(21085), Kind::kTruncate, 312, milliseconds(8389), 4, Aim::kInitialise},
          {milliseconds(21152), Kind::kRedeliver, 0, milliseconds(0), 2},
          {milliseconds(21190), Kind::kArrive, 0, milliseconds(0), 2},
          {milliseconds(21240), Kind::kEvict, 3629949452345756173, milliseconds(4959), 0},
          {milliseconds(21308), Kind::kArrive, 0, milliseconds(0), 7},
          {milliseconds(21358), Kind::kEvict, 16090113335994384132ULL, milliseconds(2086), 0},
          {milliseconds(22121), Kind::kRedeliver, 0, milliseconds(0), 1},
          {milliseconds(22160), Kind::kAnnounce, 9924624759721128588ULL, milliseconds(0), 4},
          {milliseconds(22442), Kind::kLoseAnswer, 106, milliseconds(5239), 245, Aim::kAbort},
          {milliseconds(22469), Kind::kAnnounce, 431792937308030750, milliseconds(0), 4},
          {milliseconds(22660), Kind::kArrive, 7461440893534451568, milliseconds(0), 40},
          {milliseconds(22760), Kind::kApiBad, 0, milliseconds(9562), 0},
          {milliseconds(23045), Kind::kCrash, 5762915835854918730, milliseconds(10231), 0},
          {milliseconds(23054), Kind::kBrokerFreeze, 513, milliseconds(1417), -295},
          {milliseconds(23522), Kind::kAnnounce, 7272810965657853377, milliseconds(0), 1},
          {milliseconds(24147), Kind::kBrokerClock, 880, milliseconds(3097), 400},
          {milliseconds(25004), Kind::kLoseAnswer, 590, milliseconds(1869), 41, Aim::kFetchOffsets,
           true},
          {milliseconds(25099), Kind::kRedeliver, 0, milliseconds(0), 4},
          {milliseconds(26124), Kind::kRedeliver, 0, milliseconds(0), 2},
          {milliseconds(27095), Kind::kArrive, 0, milliseconds(0), 4},
          {milliseconds(27145), Kind::kEvict, 12118156146665568701ULL, milliseconds(29360), 0},
          {milliseconds(27486), Kind::kArrive, 0, milliseconds(0), 5},
          {milliseconds(27536), Kind::kEvict, 3600860096343854150, milliseconds(28943), 0},
          {milliseconds(27662), Kind::kArrive, 551, milliseconds(0), 9},
          {milliseconds(27995), Kind::kArrive, 0, milliseconds(0), 3},
          {milliseconds(28045), Kind::kEvict, 15813667531044532403ULL, milliseconds(12203), 0},
          {milliseconds(28057), Kind::kArrive, 0, milliseconds(0), 3},
          {milliseconds(28107), Kind::kScale, 5071652194550174028, milliseconds(22360), 0},
          {milliseconds(28279), Kind::kRedeliver, 0, milliseconds(0), 2},
          {milliseconds(28752), Kind::kArrive, 274, milliseconds(0), 5},
          {milliseconds(32533), Kind::kRedeliver, 0, milliseconds(0), 2},
          {milliseconds(32596), Kind::kArrive, 989, milliseconds(0), 3},
          {milliseconds(32614), Kind::kExpire, 525, milliseconds(536), 19},
          {milliseconds(32679), Kind::kAnnounce, 7086696493598902341, milliseconds(0), 5},
          {milliseconds(34258), Kind::kArrive, 0, milliseconds(0), 8},
          {milliseconds(34258), Kind::kFreeze, 0, milliseconds(5605), 0, Aim::kFetch},
          {milliseconds(34573), Kind::kTruncate, 13815475972065932180ULL, milliseconds(0), 3},
          {milliseconds(35439), Kind::kRedeliver, 286, milliseconds(0), 3},
          {milliseconds(37784), Kind::kArrive, 0, milliseconds(0), 11},
      }});
}

// The lane reads on in the log that has lost its end and grown again, and commits. It notices, but
// loses the partition before it can commit that it reads from the beginning.
TEST(History, ReadsNewRecordsThoughItsDiscovererCommitsNothing) {
  ExpectGood(Scenario{
      .seed = 12954460348440828065ULL,
      .brokers = 3,
      .partitions = 1,
      .instances = 2,
      .lanes = 1,
      .recent = 10,
      .has_announcements = true,
      .actions = {
          {milliseconds(2788), Kind::kAnnounce, 11872934007062364804ULL, milliseconds(0), 3},
          {milliseconds(3694), Kind::kTruncate, 3670489408282300712, milliseconds(0), 5,
           Aim::kCommit},
          {milliseconds(4737), Kind::kArrive, 0, milliseconds(0), 7},
          {milliseconds(5318), Kind::kLeaderGone, 0, milliseconds(19583), 0, Aim::kCommit},
          {milliseconds(16160), Kind::kDeaf, 192, milliseconds(3120), -219},
      }});
}

// The lane reads on in the new log, commits, and is evicted before its next look.
TEST(History, ReadsNewRecordsThoughItsReaderLosesThePartition) {
  ExpectGood(Scenario{
      .seed = 8044622796887189964ULL,
      .brokers = 1,
      .partitions = 4,
      .instances = 3,
      .lanes = 1,
      .has_announcements = true,
      .actions = {
          {milliseconds(11570), Kind::kBrokerCrash, 962, milliseconds(3814), 113,
           Aim::kAddPartitions},
          {milliseconds(11756), Kind::kArrive, 872, milliseconds(0), 6},
          {milliseconds(12846), Kind::kRecreate, 170, milliseconds(321), -300},
          {milliseconds(13241), Kind::kArrive, 14141353888920595120ULL, milliseconds(0), 40},
          {milliseconds(20474), Kind::kEvict, 9232896971303071878ULL, milliseconds(10115), 0,
           Aim::kAddPartitions, true},
      }});
}

// A batch fails before its end and is aborted, and then the process dies. Kafka forgets that end
// for the offset, and so it does with the next ends: of what the next producer begins with, and of
// the offsets that it tries. That one has another partition to commit.
TEST(History, BringsNoOffsetIntoForceThatAFormerLifeHasLeftPending) {
  for (const int more : {1, 2}) {
    SCOPED_TRACE(std::to_string(more) + " ends of the next process are forgotten");
    Scenario scenario{.seed = 1,
                      .brokers = 3,
                      .partitions = 2,
                      .instances = 1,
                      .lanes = 1,
                      .actions = {
                          {milliseconds(1000), Kind::kArrive, 0, milliseconds(0), 8},
                          {milliseconds(7900), Kind::kRefuse, 0, milliseconds(0), 0, Aim::kCommit},
                          {milliseconds(7900), Kind::kCrash, 0, milliseconds(500), 0, Aim::kAbort},
                          {milliseconds(8000), Kind::kArrive, 0, milliseconds(0), 1},
                          {milliseconds(14000), Kind::kArrive, 0, milliseconds(0), 8},
                      }};
    const Action forget{milliseconds(7900), Kind::kForget, 0, milliseconds(0), 36};
    scenario.actions.insert(scenario.actions.begin() + 1, static_cast<std::size_t>(1 + more),
                            forget);
    ExpectGood(scenario);
  }
}

// A fetch was answered when the process stood still. Meanwhile the log has lost its end and grown
// beyond the records in that answer: reading must not go on behind them.
TEST(History, ReadsNewRecordsOfLogThatWasCutWhileTheProcessStoodStill) {
  for (const std::uint64_t seed : {1U, 4U, 5U}) {
    ExpectGood(
        Scenario{.seed = seed,
                 .brokers = 1,
                 .partitions = 1,
                 .instances = 1,
                 .lanes = 1,
                 .actions = {
                     {milliseconds(1000), Kind::kArrive, 0, milliseconds(0), 8},
                     {milliseconds(5600), Kind::kArrive, 0, milliseconds(0), 6},
                     {milliseconds(5600), Kind::kFreeze, 0, milliseconds(4500), 0, Aim::kFetch},
                     {milliseconds(5700), Kind::kTruncate, 0, milliseconds(0), 4},
                     {milliseconds(5800), Kind::kArrive, 0, milliseconds(0), 9},
                     {milliseconds(16000), Kind::kArrive, 0, milliseconds(0), 1},
                 }});
  }
}

// Another instance waits for a marker that Kafka has not ended when its owner ends it as committed:
// the copy stands behind what was the end of the log.
TEST(History, KnowsTheMarkersOfATransactionThatItsOwnerEndsDuringARestore) {
  ExpectGood(
      Scenario{.seed = 16930278936600554011ULL,
               .brokers = 3,
               .partitions = 4,
               .instances = 2,
               .lanes = 1,
               .actions = {
                   {milliseconds(7924), Kind::kArrive, 850, milliseconds(0), 7},
                   {milliseconds(8661), Kind::kArrive, 806, milliseconds(0), 9},
                   {milliseconds(10033), Kind::kForget, 0, milliseconds(0), 9},
                   {milliseconds(24712), Kind::kArrive, 722, milliseconds(0), 11},
                   {milliseconds(25001), Kind::kFreeze, 458, milliseconds(21784), -260},
                   {milliseconds(31403), Kind::kStall, 0, milliseconds(74706), 0, Aim::kJoin},
                   {milliseconds(38832), Kind::kArrive, 0, milliseconds(0), 5},
               }});
}

// The log lost its end and grew again to where it had ended, and the partition cannot be restored
// for long: nothing of the new log has been read.
TEST(History, HasALagWhileALogThatWentBackWaitsForItsRestore) {
  ExpectGood(Scenario{
      .seed = 6071951957336603272ULL,
      .brokers = 1,
      .partitions = 4,
      .instances = 1,
      .lanes = 1,
      .slow_percent = 16,
      .has_big_records = true,
      .actions = {
          {milliseconds(20355), Kind::kArrive, 504, milliseconds(0), 5},
          {milliseconds(23307), Kind::kArrive, 581, milliseconds(0), 6},
          {milliseconds(25142), Kind::kNetwork, 970, milliseconds(17569), -289},
          {milliseconds(26133), Kind::kTruncate, 384, milliseconds(4780), 20},
          {milliseconds(33117), Kind::kLeaderGone, 9819745985182536376ULL, milliseconds(95402), 0},
          {milliseconds(36067), Kind::kArrive, 0, milliseconds(0), 4},
          {milliseconds(37248), Kind::kArrive, 358, milliseconds(0), 5},
          {milliseconds(37501), Kind::kArrive, 955, milliseconds(0), 3},
      }});
}

TEST(History, RepeatsItselfWithTheSameSeed) {
  for (const std::uint64_t seed : {3U, 11U}) {
    for (const auto make : {&MakeScenario, &MakeAnnouncedScenario}) {
      const Outcome first = RunScenario(make(seed));
      const Outcome second = RunScenario(make(seed));
      EXPECT_EQ(first.hash, second.hash);
      EXPECT_EQ(first.covered, second.covered);
    }
  }
}

}  // namespace
}  // namespace simulation
