#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "common/kafka/handles.h"

namespace tests {

/// The number of live nodes; 0 without an answer.
[[nodiscard]] std::size_t CountNodes(rd_kafka_t* handle);

/// True if every live node of the cluster reports that the topic exists. Nodes learn of a new topic
/// at different times, and a client that asks a late one believes that the topic is missing. False
/// if a node does not answer in time. Does not throw.
[[nodiscard]] bool IsKnownToAllNodes(rd_kafka_t* handle, const std::string& topic);

/// True if every node reports that the topic does not exist. Use a consumer's handle, which does
/// not create the topic where brokers create topics on request; a producer that has known the topic
/// keeps asking for it.
[[nodiscard]] bool IsForgottenByAllNodes(rd_kafka_t* handle, const std::string& topic);

/// The partition's leader, -1 if it has none; nullopt if the metadata lacks the partition.
[[nodiscard]] std::optional<std::int32_t> LeaderIn(const rd_kafka_metadata_t& metadata,
                                                   const std::string& topic,
                                                   std::int32_t partition);

/// The partition's leader, -1 if it has none, once all live nodes agree: each has its own copy of
/// the cluster's state. nullopt if they differ or one does not answer.
[[nodiscard]] std::optional<std::int32_t> LeaderByAllNodes(rd_kafka_t* handle,
                                                           const std::string& topic,
                                                           std::int32_t partition);

}  // namespace tests
