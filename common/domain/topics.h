#pragma once

#include <string>
#include <utility>
#include <vector>

namespace common {

/// Names of the topics. All but `dead` are co-partitioned.
struct TopicNames {
  std::string callbacks = "callbacks";
  std::string seen = "callbacks.seen";
  std::string processes = "processes";
  std::string dead = "callbacks.dead";
  std::string expected = "callbacks.expected";  ///< Announcements, see expected_process.h.
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
  /// How long consumer waits for an announced process; callbacks.expected is kept a day longer.
  int expected_wait_hours = 24;
};

/// The topics: callbacks, callbacks.seen, processes, callbacks.dead, callbacks.expected.
[[nodiscard]] std::vector<TopicSpec> PlanTopics(const TopicNames& names, const TopicPlan& plan);

}  // namespace common
