#pragma once

#include <string>

#include "common/base/result.h"

namespace common::config {

/// Reads a file or pipe of at most 1 MiB.
///
/// Time:   at most 2 s for a pipe. Unbounded if the disk or mount hangs.
/// Errors: kReject; the detail names the file and the cause.
[[nodiscard]] Result<std::string> ReadFile(const std::string& path);

}  // namespace common::config
