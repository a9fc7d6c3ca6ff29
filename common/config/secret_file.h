#pragma once

#include <string>
#include <vector>

#include "common/base/result.h"

namespace common::config {

/// Reads a file that holds one secret. Strips one trailing newline.
/// Errors: kReject if the file is unreadable or empty. The detail is for the operator and contains
///         no byte of the content.
[[nodiscard]] Result<std::string> ReadSecretFile(const std::string& path);

/// Reads one secret per line. Trims white space and skips empty lines.
/// Errors: as above. A file of only empty lines counts as empty.
[[nodiscard]] Result<std::vector<std::string>> ReadSecretLines(const std::string& path);

}  // namespace common::config
