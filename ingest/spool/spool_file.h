#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "common/base/result.h"

namespace ingest {

/// Makes an empty file that only its owner may read, durably named in its directory; takes the
/// rights of others away from one that is there already.
///
/// Errors: kStop; a directory is never made.
common::Result<void> PrepareSpoolFile(const std::string& path);

/// Bytes that the file system leaves to us; nullopt: it does not say.
using FreeDisk = std::function<std::optional<std::uint64_t>()>;
[[nodiscard]] FreeDisk FreeDiskAt(const std::string& path);

}  // namespace ingest
