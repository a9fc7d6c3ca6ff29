#pragma once

#include <string>

#include "common/base/result.h"

namespace common::config {

/// Errors: kReject, naming the file and why it cannot be read; more than 1 MiB is no configuration.
[[nodiscard]] Result<std::string> ReadFile(const std::string& path);

}  // namespace common::config
