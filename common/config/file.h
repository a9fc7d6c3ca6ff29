#pragma once

#include <string>

#include "common/base/result.h"

namespace common::config {

/// Errors: kReject, naming the file and why it cannot be read; more than 1 MiB is no configuration.
/// Time:   of a pipe at most 2 s. A disk or a mount that hangs holds the caller up without end.
[[nodiscard]] Result<std::string> ReadFile(const std::string& path);

}  // namespace common::config
