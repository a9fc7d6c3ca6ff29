#pragma once

#include <string>

#include "common/domain/topics.h"
#include "tests/support/kafka_client.h"

namespace tests {

/// The output of ops/docs/contracts/check --strict for the committed records of the topics; one
/// without a name is left out. Empty if every record is valid.
///
/// Time:   about 1 s for 2,000 records.
/// Errors: throws if the topics cannot be read, or if no record is there.
[[nodiscard]] std::string ContractBreaches(KafkaClient& kafka, const common::TopicNames& topics);

}  // namespace tests
