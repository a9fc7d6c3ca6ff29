#pragma once

#include <cstdint>

namespace ingest {

/// Raises the limit of open descriptors to the hard one; what is in force then.
std::uint64_t RaiseDescriptorLimit();

/// The connections that may be open under that limit: as many as are wanted, but at least 128
/// descriptors (half of a small limit) stay for Kafka, the spool, the secret files and the admin
/// port, so that a flood of connections cannot cut ingest off from where callbacks become durable.
[[nodiscard]] std::uint64_t ConnectionsWithin(std::uint64_t limit, std::uint64_t wanted);

}  // namespace ingest
