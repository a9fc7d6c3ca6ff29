#pragma once

#include <cstdint>

#include "common/preflight/kafka_sight.h"
#include "consumer/config.h"

namespace consumer {

/// consumer's requirements on Kafka.
[[nodiscard]] common::preflight::KafkaNeeds NeedsOf(const Config& config);

/// The open files that consumer may need. `brokers`: of the cluster; 0: unknown.
[[nodiscard]] std::uint64_t DescriptorsNeeded(const Config& config, int brokers);

}  // namespace consumer
