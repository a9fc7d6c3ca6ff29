#include "consumer/preflight/needs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace consumer {
namespace {

using testing::IsSupersetOf;

/// The rights of these lanes. A right that only a repair needs ends in "?".
std::vector<std::string> RightsOf(int lanes) {
  Config config;
  config.group = "g";
  config.instance = "i";
  config.lanes = lanes;
  std::vector<std::string> rights;
  for (const common::preflight::NeededRight& need : NeedsOf(config).rights) {
    rights.push_back(ToText(need.right) + (need.otherwise.empty() ? "" : "?"));
  }
  return rights;
}

TEST(ConsumerNeeds, IncludeTheRightsOfEachLanesTransactions) {
  EXPECT_THAT(RightsOf(2), IsSupersetOf({"Read on group g", "Write on transactional id g.i-0",
                                         "Write on transactional id g.i-1"}));
}

TEST(ConsumerNeeds, IncludeTheRightsToCopyAForgottenTransactionOfEachLane) {
  EXPECT_THAT(
      RightsOf(2),
      IsSupersetOf({"Write on transactional id g.i-0.repair?", "Read on group g.i-0.repair?",
                    "Write on transactional id g.i-1.repair?", "Read on group g.i-1.repair?"}));
}

TEST(ConsumerNeeds, CountThreeDescriptorsOfSixClientsPerLaneForEachBroker) {
  Config config;
  config.fetch.max_in_flight = 256;
  EXPECT_EQ(DescriptorsNeeded(config, 3), 64U + 6 * 3 * (3 + 2) + 256);
  config.lanes = 100;
  EXPECT_EQ(DescriptorsNeeded(config, 30), 64U + 100 * 6 * 3 * (30 + 2) + 256);
}

TEST(ConsumerNeeds, CountTwoClientsMorePerLaneThatReadsAnnouncements) {
  Config config;
  const std::uint64_t without = DescriptorsNeeded(config, 3);
  config.expected.emplace();
  EXPECT_EQ(DescriptorsNeeded(config, 3), without + 2 * 3 * (3 + 2));
  config.lanes = 4;
  EXPECT_EQ(DescriptorsNeeded(config, 3), without + (4 * 8 - 6) * 3 * (3 + 2));
}

TEST(ConsumerNeeds, CountThreeBrokersIfFewerAreKnown) {
  EXPECT_EQ(DescriptorsNeeded({}, 0), DescriptorsNeeded({}, 3));
}

}  // namespace
}  // namespace consumer
