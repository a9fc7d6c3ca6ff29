#pragma once

#include <librdkafka/rdkafka.h>

#include <optional>
#include <set>

#include "common/kafka/topic_facts.h"
#include "common/kafka/topic_layout.h"
#include "common/preflight/rights.h"

namespace common::preflight {

/// What a grant of this operation allows. Kafka lets everybody describe who may read, write, delete
/// or alter.
[[nodiscard]] std::set<Right::Operation> GrantedBy(rd_kafka_AclOperation_t operation);

/// What a denial of this operation forbids: only itself. Empty: nothing that we ask for.
[[nodiscard]] std::set<Right::Operation> DeniedBy(rd_kafka_AclOperation_t operation);

/// What a broker's answer says of a topic that the cluster's list lacks or hides. Only a broker
/// that does not know the topic shows that it is missing.
[[nodiscard]] kafka::TopicFacts::Access AccessBy(const kafka::TopicLayout& layout);

/// Whether a broker, described by this answer, checks rights. Empty if that does not tell.
[[nodiscard]] std::optional<RightsSight::Authorizer> AuthorizerIn(
    const rd_kafka_ConfigResource_t& broker);

/// True unless the answer shows that the broker refuses everybody what no entry names.
[[nodiscard]] bool MayAllowUnnamed(const rd_kafka_ConfigResource_t& broker);

}  // namespace common::preflight
