#pragma once

#include <librdkafka/rdkafka.h>

#include <optional>

#include "common/kafka/handles.h"
#include "consumer/lane/group_membership.h"

namespace consumer {

// The output of rd_kafka_consumer_group_metadata_write() (librdkafka 1.6 to 2.15):
//   "CGMDv2:" generation group "\0" member "\0" …     ; generation: int32 in host byte order

/// None if the library's format differs from the one above.
[[nodiscard]] std::optional<GroupMembership> ReadMembership(
    const rd_kafka_consumer_group_metadata_t& metadata);

/// Null if the serialized form is not the library's.
[[nodiscard]] common::kafka::GroupMetadata ToKafka(const GroupMembership& membership);

}  // namespace consumer
