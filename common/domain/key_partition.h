#pragma once

#include <cstdint>
#include <string_view>

namespace common {

/// Kafka's key hash, as the Java client and librdkafka's `murmur2` compute it.
[[nodiscard]] std::uint32_t Murmur2(std::string_view key);

/// The partition that our producers' partitioner gives a key.
/// Preconditions: the key is not empty, partitions > 0.
[[nodiscard]] int PartitionOf(std::string_view key, int partitions);

}  // namespace common
