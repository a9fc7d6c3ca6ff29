#pragma once

#include <string>
#include <utility>
#include <vector>

namespace common {

/// Names of the four topics. The first three are co-partitioned.
struct TopicNames {
  std::string callbacks = "callbacks";
  std::string seen = "callbacks.seen";
  std::string processes = "processes";
  std::string dead = "callbacks.dead";
};

/// The settings that Sluice requires of one topic.
struct TopicSpec {
  std::string name;
  int partitions = 12;
  int replication = 3;
  std::vector<std::pair<std::string, std::string>> config;  ///< Kafka's own property names.
};

struct TopicPlan {
  int partitions = 12;  ///< Of the co-partitioned topics.
  int dead_partitions = 6;
  int replication = 3;  ///< min.insync.replicas is 2 from a replication of 2 on, otherwise 1.
  int dedup_reach_hours = 48;  ///< callbacks.seen outlives callbacks by this much.
};

/// The four topics: callbacks, callbacks.seen, processes, callbacks.dead.
[[nodiscard]] std::vector<TopicSpec> PlanTopics(const TopicNames& names, const TopicPlan& plan);

}  // namespace common
