#pragma once

#include <cstdint>

namespace ingest {

/// Raises the limit of open descriptors to the hard one; what is in force then.
std::uint64_t RaiseDescriptorLimit();

/// Returns how many connections may be served under that limit: `wanted`, or fewer, so that a flood
/// cannot cut ingest off from Kafka and the disk. 128 descriptors stay for Kafka, the spool, the
/// secret files and the admin port, and `reserve` ones for connections beyond those served. Of a
/// small limit connections get a quarter.
[[nodiscard]] std::uint64_t ConnectionsWithin(std::uint64_t limit, std::uint64_t wanted,
                                              std::uint64_t reserve);

}  // namespace ingest
