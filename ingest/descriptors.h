#pragma once

#include <cstdint>

namespace ingest {

/// Raises the limit of open descriptors to the hard one; what is in force then.
std::uint64_t RaiseDescriptorLimit();

}  // namespace ingest
