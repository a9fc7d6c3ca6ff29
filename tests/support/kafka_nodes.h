#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/kafka/handles.h"

namespace tests {

/// Whether every node of the cluster that is alive answers that the topic exists. A topic that has
/// just been made is known to one node before another, and a client that asks the other one takes
/// it for missing. Throws nothing; false as well if a node does not answer in time.
[[nodiscard]] bool IsKnownToAllNodes(rd_kafka_t* handle, const std::string& topic);

/// The same of a topic that has been deleted: every node answers that there is none. Does not
/// create it on a cluster that creates what is asked for, if the handle is a consumer's; a producer
/// that has known the topic goes on asking for it.
[[nodiscard]] bool IsForgottenByAllNodes(rd_kafka_t* handle, const std::string& topic);

/// The leader of the partition, -1: it has none; nullopt: the partition is not in there.
[[nodiscard]] std::optional<std::int32_t> LeaderIn(const rd_kafka_metadata_t& metadata,
                                                   const std::string& topic,
                                                   std::int32_t partition);

/// The node that leads the partition, -1 if none does, once all living nodes say the same: each goes
/// by its own copy of the cluster's state. nullopt: they do not, or one does not answer.
[[nodiscard]] std::optional<std::int32_t> LeaderByAllNodes(rd_kafka_t* handle,
                                                           const std::string& topic,
                                                           std::int32_t partition);

}  // namespace tests
