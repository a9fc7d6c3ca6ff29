#pragma once

#include <librdkafka/rdkafka.h>

#include <optional>
#include <set>

#include "common/kafka/topic_facts.h"
#include "common/kafka/topic_layout.h"
#include "common/preflight/rights.h"

namespace common::preflight {

/// The operations that a grant of this one allows. Kafka adds describe to read, write, delete and
/// alter.
[[nodiscard]] std::set<Right::Operation> GrantedBy(rd_kafka_AclOperation_t operation);

/// The operations that a denial of this one forbids: itself, or none that we ask for.
[[nodiscard]] std::set<Right::Operation> DeniedBy(rd_kafka_AclOperation_t operation);

/// Tells a missing topic from a hidden one by a broker's answer, since the cluster's list shows
/// neither. Only a broker that does not know the topic proves that it is missing.
[[nodiscard]] kafka::TopicFacts::Access AccessBy(const kafka::TopicLayout& layout);

/// Whether a broker, described by this answer, checks rights. Empty if that does not tell.
[[nodiscard]] std::optional<RightsSight::Authorizer> AuthorizerIn(
    const rd_kafka_ConfigResource_t& broker);

/// True unless the answer shows that the broker refuses everybody what no entry names.
[[nodiscard]] bool MayAllowUnnamed(const rd_kafka_ConfigResource_t& broker);

}  // namespace common::preflight
