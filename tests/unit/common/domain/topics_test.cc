#include "common/domain/topics.h"

#include <gtest/gtest.h>

#include <map>

namespace common {
namespace {

using Config = std::map<std::string, std::string>;

Config ConfigOf(const TopicSpec& spec) { return {spec.config.begin(), spec.config.end()}; }

const TopicSpec& Named(const std::vector<TopicSpec>& specs, std::string_view name) {
  for (const TopicSpec& spec : specs) {
    if (spec.name == name) return spec;
  }
  ADD_FAILURE() << "no topic " << name;
  return specs.front();
}

TEST(TopicPlan, MatchesTheDocumentedTable) {
  const std::vector<TopicSpec> specs = PlanTopics({}, {});
  const struct {
    std::string_view name;
    int partitions;
    std::string_view timestamps;
    std::string_view retention_ms;
  } kTopics[] = {
      {"callbacks", 12, "LogAppendTime", "604800000"},
      {"callbacks.seen", 12, "CreateTime", "777600000"},
      {"processes", 12, "LogAppendTime", "604800000"},
      {"callbacks.dead", 6, "LogAppendTime", "2419200000"},
      {"callbacks.expected", 12, "LogAppendTime", "172800000"},
  };
  ASSERT_EQ(specs.size(), std::size(kTopics));
  for (std::size_t i = 0; i < specs.size(); ++i) {
    SCOPED_TRACE(kTopics[i].name);
    Config config = ConfigOf(specs[i]);
    EXPECT_EQ(specs[i].name, kTopics[i].name);
    EXPECT_EQ(specs[i].partitions, kTopics[i].partitions);
    EXPECT_EQ(specs[i].replication, 3);
    EXPECT_EQ(config["message.timestamp.type"], kTopics[i].timestamps);
    EXPECT_EQ(config["retention.ms"], kTopics[i].retention_ms);
    EXPECT_EQ(config["cleanup.policy"], "delete");
    EXPECT_EQ(config["min.insync.replicas"], "2");
    EXPECT_EQ(config["unclean.leader.election.enable"], "false");
  }
}

TEST(TopicPlan, RollsSegmentsOfMarkersHourlyAndOthersDaily) {
  const std::vector<TopicSpec> specs = PlanTopics({}, {});
  EXPECT_EQ(ConfigOf(Named(specs, "callbacks.seen"))["segment.ms"], "3600000");
  for (const std::string_view topic :
       {"callbacks", "processes", "callbacks.dead", "callbacks.expected"}) {
    EXPECT_EQ(ConfigOf(Named(specs, topic))["segment.ms"], "86400000") << topic;
  }
}

TEST(TopicPlan, RetainsMarkersLongerByTheLargestWindow) {
  TopicPlan plan;
  plan.dedup_reach_hours = 100;
  EXPECT_EQ(ConfigOf(Named(PlanTopics({}, plan), "callbacks.seen"))["retention.ms"],
            std::to_string((7LL * 24 + 100) * 3'600'000));
}

TEST(TopicPlan, RetainsAnnouncementsADayLongerThanConsumerWaits) {
  TopicPlan plan;
  plan.expected_wait_hours = 72;
  EXPECT_EQ(ConfigOf(Named(PlanTopics({}, plan), "callbacks.expected"))["retention.ms"],
            std::to_string(4LL * 24 * 3'600'000));
}

TEST(TopicPlan, RequiresOneInSyncReplicaIfThereIsOnlyOne) {
  TopicPlan plan;
  plan.replication = 1;
  for (const TopicSpec& spec : PlanTopics({}, plan)) {
    EXPECT_EQ(spec.replication, 1);
    EXPECT_EQ(ConfigOf(spec)["min.insync.replicas"], "1");
  }
}

TEST(TopicPlan, UsesTheGivenNamesAndCounts) {
  TopicPlan plan;
  plan.partitions = 24;
  plan.dead_partitions = 3;
  const TopicNames names{.callbacks = "a", .seen = "b", .processes = "c", .dead = "d"};
  const std::vector<TopicSpec> specs = PlanTopics(names, plan);
  EXPECT_EQ(Named(specs, "a").partitions, 24);
  EXPECT_EQ(Named(specs, "b").partitions, 24);
  EXPECT_EQ(Named(specs, "c").partitions, 24);
  EXPECT_EQ(Named(specs, "d").partitions, 3);
}

}  // namespace
}  // namespace common
