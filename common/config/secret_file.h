#pragma once

#include <string>
#include <vector>

#include "common/base/result.h"

namespace common::config {

/// The content of a file that holds one secret, without the newline at its end.
/// Errors: kReject if it cannot be read or is empty, in words fit for an operator and without a
/// byte
///         of the content.
[[nodiscard]] Result<std::string> ReadSecretFile(const std::string& path);

/// One secret per line; white space around it and empty lines do not count.
/// Errors: as above; no line is an empty file.
[[nodiscard]] Result<std::vector<std::string>> ReadSecretLines(const std::string& path);

}  // namespace common::config
