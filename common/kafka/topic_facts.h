#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace common::kafka {

/// One topic as the cluster describes it.
struct TopicFacts {
  enum class Access {
    kAllowed,
    kMissing,  ///< The topic does not exist.
    kDenied,   ///< We may not see whether the topic exists.
  };
  Access access = Access::kAllowed;
  int partitions = 0;
  int replication = 0;  ///< Of the partition with the fewest replicas.
  int in_sync = 0;      ///< Of the partition with the fewest in-sync replicas.
  int leaderless = 0;   ///< Partitions without a leader.
  /// Kafka's properties by name. Empty if unknown.
  std::map<std::string, std::string> config;
  bool is_config_denied = false;  ///< We may not describe them.
};

struct ClusterFacts {
  int brokers = 0;
  std::map<std::int32_t, std::string> addresses = {};  ///< Of the brokers, as they announce them.
  std::map<std::string, TopicFacts> topics;            ///< Every requested topic.
};

}  // namespace common::kafka
