#pragma once

#include <librdkafka/rdkafka.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/base/deadline.h"
#include "common/base/result.h"

namespace common::kafka {

struct GroupMember {
  std::string name;                      ///< group.instance.id, or else the member id.
  std::string id = {};                   ///< The member id.
  std::string host;                      ///< As the broker sees it.
  std::vector<std::int32_t> partitions;  ///< Of the requested topic, ascending.
  std::size_t others = 0;                ///< Partitions of other topics.
};

struct GroupFacts {
  std::string state;                 ///< Kafka's name: "Stable", "Empty", …
  std::vector<GroupMember> members;  ///< By name.
};

/// Asks the group's coordinator for the members and their partitions of `topic`. Works with any
/// client.
///
/// Threads: any; blocks for at most half a second past the deadline.
/// Errors:  kRetry "no_broker" if no broker answered; otherwise kStop with Kafka's message.
[[nodiscard]] Result<GroupFacts> DescribeGroup(rd_kafka_t* client, const std::string& group,
                                               const std::string& topic, Deadline deadline);

}  // namespace common::kafka
