#pragma once

#include <map>
#include <string>

namespace common::kafka {

/// What the cluster says about one topic.
struct TopicFacts {
  enum class Access {
    kAllowed,
    kMissing,  ///< There is no such topic.
    kDenied,   ///< We may not even see whether there is one.
  };
  Access access = Access::kAllowed;
  int partitions = 0;
  int replication = 0;  ///< Of the partition with the fewest replicas.
  /// Kafka's properties by name; empty if nobody told them.
  std::map<std::string, std::string> config;
  bool is_config_denied = false;  ///< We may not read them.
};

struct ClusterFacts {
  int brokers = 0;
  std::map<std::string, TopicFacts> topics;  ///< Of every topic that was asked for.
};

}  // namespace common::kafka
