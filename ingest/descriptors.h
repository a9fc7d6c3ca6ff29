#pragma once

#include <cstdint>

namespace ingest {

/// Raises the soft limit of open descriptors to the hard limit. Returns the limit in force.
std::uint64_t RaiseDescriptorLimit();

/// The limit under which `connections` leave plenty of descriptors for everything else.
[[nodiscard]] constexpr std::uint64_t DescriptorsFor(std::uint64_t connections) {
  return 2 * connections;
}

/// Returns how many connections may be served: `wanted`, or fewer, so that a flood cannot cut
/// ingest off from Kafka and the disk. Keeps 128 descriptors for Kafka, the spool, the secret files
/// and the admin port, and `reserve` descriptors for further connections. If the limit is small,
/// connections get a quarter of it.
[[nodiscard]] std::uint64_t ConnectionsWithin(std::uint64_t limit, std::uint64_t wanted,
                                              std::uint64_t reserve);

}  // namespace ingest
