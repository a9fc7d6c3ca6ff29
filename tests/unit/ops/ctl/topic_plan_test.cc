#include "ops/ctl/topics/topic_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ctl {
namespace {

using common::kafka::ClusterFacts;
using common::kafka::TopicFacts;
using common::kafka::TopicFault;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::chrono::hours kWindow(48);

ClusterFacts EmptyCluster(int brokers) {
  ClusterFacts facts;
  facts.brokers = brokers;
  for (const std::string topic : {"callbacks", "callbacks.seen", "processes", "callbacks.dead"}) {
    facts.topics[topic].access = TopicFacts::Access::kMissing;
  }
  return facts;
}

TopicFacts Existing(int partitions, int replication) {
  TopicFacts topic;
  topic.partitions = partitions;
  topic.replication = replication;
  return topic;
}

TEST(PlanFor, ReplicatesThreeTimesOrOncePerBroker) {
  for (const auto& [brokers, replication] : {std::pair(1, 1), {2, 2}, {3, 3}, {9, 3}}) {
    EXPECT_EQ(PlanFor(EmptyCluster(brokers), {}, {}, {.dedup_reach = kWindow}).replication,
              replication);
  }
}

TEST(PlanFor, HonoursRequestedNumbers) {
  const auto plan =
      PlanFor(EmptyCluster(1), {}, {.partitions = 24, .replication = 2}, {.dedup_reach = kWindow});
  EXPECT_EQ(plan.partitions, 24);
  EXPECT_EQ(plan.replication, 2);
}

TEST(PlanFor, CopiesThePartitionCountOfExistingCallbacks) {
  ClusterFacts facts = EmptyCluster(3);
  EXPECT_EQ(PlanFor(facts, {}, {}, {.dedup_reach = kWindow}).partitions, 12);
  facts.topics["callbacks"] = Existing(30, 3);
  EXPECT_EQ(PlanFor(facts, {}, {}, {.dedup_reach = kWindow}).partitions, 30);
  EXPECT_EQ(
      PlanFor(facts, {}, {.partitions = 6, .replication = {}}, {.dedup_reach = kWindow}).partitions,
      6);
}

TEST(PlanFor, KeepsMarkersForTheLargestWindowInWholeHours) {
  EXPECT_EQ(
      PlanFor(EmptyCluster(1), {}, {}, {.dedup_reach = std::chrono::minutes(61)}).dedup_reach_hours,
      2);
}

TEST(PlanFor, KeepsAnnouncementsForTheWaitInWholeHours) {
  const Waits waits{.dedup_reach = kWindow, .expected = std::chrono::minutes(61)};
  EXPECT_EQ(PlanFor(EmptyCluster(1), {}, {}, waits).expected_wait_hours, 2);
}

TEST(MissingOf, OmitsExistingAndUnreadableTopics) {
  ClusterFacts facts = EmptyCluster(1);
  facts.topics["callbacks"] = Existing(12, 1);
  facts.topics["processes"].access = TopicFacts::Access::kDenied;
  std::vector<std::string> names;
  for (const auto& spec : MissingOf(common::PlanTopics({}, {}), facts)) names.push_back(spec.name);
  EXPECT_THAT(names, ElementsAre("callbacks.seen", "callbacks.dead", "callbacks.expected"));
}

TEST(UnmetRequests, ListsNumbersThatDifferOnExistingTopics) {
  ClusterFacts facts = EmptyCluster(3);
  facts.topics["callbacks"] = Existing(12, 1);
  facts.topics["callbacks.dead"] = Existing(6, 1);
  const RequestedTopics none;
  const RequestedTopics requested{.partitions = 24, .replication = 1};
  const RequestedTopics more{.partitions = 24, .replication = 3};
  const auto specs = [&](const RequestedTopics& w) {
    return common::PlanTopics({}, PlanFor(facts, {}, w, {.dedup_reach = kWindow}));
  };
  EXPECT_THAT(UnmetRequests(specs(none), facts, none), IsEmpty());
  EXPECT_THAT(UnmetRequests(specs(requested), facts, requested),
              ElementsAre("callbacks exists with partitions 12, not 24"));
  EXPECT_THAT(UnmetRequests(specs(more), facts, more),
              ElementsAre("callbacks exists with partitions 12, not 24",
                          "callbacks exists with replication 1, not 3",
                          "callbacks.dead exists with replication 1, not 3"));
}

TEST(FindLongerKept, NamesCommandForTopicsOfEarlierRelease) {
  ClusterFacts facts = EmptyCluster(3);
  const auto specs = common::PlanTopics({}, {});
  EXPECT_THAT(FindLongerKept(specs, facts, "callbacks.seen"), IsEmpty());
  for (const auto& spec : specs) {
    facts.topics[spec.name] = Existing(spec.partitions, spec.replication);
    facts.topics[spec.name].config = {spec.config.begin(), spec.config.end()};
  }
  EXPECT_THAT(FindLongerKept(specs, facts, "callbacks.seen"), IsEmpty());

  facts.topics["callbacks"].config["segment.ms"] = "604800000";
  facts.topics["callbacks.seen"].config["retention.ms"] = "-1";
  facts.topics["processes"].config["retention.ms"] = "-1";
  facts.topics["callbacks.dead"].config["retention.ms"] = "7776000000";
  facts.topics["callbacks.dead"].config["segment.ms"] = "3600000";
  EXPECT_THAT(
      FindLongerKept(specs, facts, "callbacks.seen"),
      ElementsAre(
          "callbacks fills each segment for 7d0h, not for 1d0h; a record stays until its whole "
          "segment is old enough. To change it: kafka-configs.sh --alter --entity-type topics "
          "--entity-name callbacks --add-config segment.ms=86400000",
          "processes keeps records without end, not for 7d0h. To change it: kafka-configs.sh "
          "--alter --entity-type topics --entity-name processes --add-config "
          "retention.ms=604800000",
          "callbacks.dead keeps records for 90d0h, not for 28d0h. To change it: kafka-configs.sh "
          "--alter --entity-type topics --entity-name callbacks.dead --add-config "
          "retention.ms=2419200000"));
}

TEST(FindLongerKept, SaysNothingOfSettingsThatAreHidden) {
  ClusterFacts facts = EmptyCluster(3);
  facts.topics["callbacks"] = Existing(12, 3);
  facts.topics["processes"] = Existing(12, 3);
  facts.topics["processes"].config["segment.ms"] = "soon";
  EXPECT_THAT(FindLongerKept(common::PlanTopics({}, {}), facts, "callbacks.seen"), IsEmpty());
}

TEST(CountsAsDifference, ExcludesSingleReplicaAndPermissionFindings) {
  EXPECT_TRUE(CountsAsDifference(TopicFault::kMissing));
  EXPECT_TRUE(CountsAsDifference(TopicFault::kPartitions));
  EXPECT_TRUE(CountsAsDifference(TopicFault::kCompacted));
  EXPECT_TRUE(CountsAsDifference(TopicFault::kMinInsync));
  EXPECT_TRUE(CountsAsDifference(TopicFault::kTimestamps));
  EXPECT_TRUE(CountsAsDifference(TopicFault::kRetention));
  EXPECT_TRUE(CountsAsDifference(TopicFault::kRetentionBytes));
  EXPECT_TRUE(CountsAsDifference(TopicFault::kUncleanElection));
  EXPECT_TRUE(CountsAsDifference(TopicFault::kMessageSize));
  EXPECT_FALSE(CountsAsDifference(TopicFault::kReplication));
  EXPECT_FALSE(CountsAsDifference(TopicFault::kNoPermission));
}

}  // namespace
}  // namespace ctl
