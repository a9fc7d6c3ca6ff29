#pragma once

#include <librdkafka/rdkafka.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/base/deadline.h"
#include "common/base/result.h"

namespace common::kafka {

/// A member of a consumer group.
struct GroupMember {
  std::string name;                      ///< group.instance.id; without one, the member id.
  std::string id = {};                   ///< The member id.
  std::string host;                      ///< As its broker sees it.
  std::vector<std::int32_t> partitions;  ///< Of the topic that was asked for, ascending.
  std::size_t others = 0;                ///< Partitions of other topics.
};

struct GroupFacts {
  std::string state;                 ///< In Kafka's words: "Stable", "Empty", …
  std::vector<GroupMember> members;  ///< By name.
};

/// Asks the group's coordinator who its members are, and which partitions of `topic` they have. Any
/// client will do.
///
/// Threads: any; blocks for half a second past the deadline at the latest.
/// Errors:  kStop, with Kafka's words; the code is "no_broker" and the remedy kRetry if nobody
///          answered.
[[nodiscard]] Result<GroupFacts> DescribeGroup(rd_kafka_t* client, const std::string& group,
                                               const std::string& topic, Deadline deadline);

}  // namespace common::kafka
