#pragma once

#include <cstdint>
#include <string_view>

namespace common {

/// Kafka's hash of keys, as the Java client and librdkafka's `murmur2` compute it.
[[nodiscard]] std::uint32_t Murmur2(std::string_view key);

/// The partition of a key that is not empty, by the partitioner of all our producers.
/// Precondition: partitions > 0.
[[nodiscard]] int PartitionOf(std::string_view key, int partitions);

}  // namespace common
