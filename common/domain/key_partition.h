#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/domain/partition.h"

namespace common {

/// Kafka's key hash, as the Java client and librdkafka's `murmur2` compute it.
[[nodiscard]] std::uint32_t Murmur2(std::string_view key);

/// The partition that our producers' partitioner gives a key.
/// Preconditions: the key is not empty, partitions > 0.
[[nodiscard]] Partition PartitionOf(std::string_view key, int partitions);
/// The same by the key's Murmur2().
[[nodiscard]] Partition PartitionOfHash(std::uint32_t hash, int partitions);

/// A hash as a header's value: eight hexadecimal digits.
[[nodiscard]] std::string ToHashText(std::uint32_t hash);
[[nodiscard]] std::optional<std::uint32_t> ReadHashText(std::string_view text);

}  // namespace common
