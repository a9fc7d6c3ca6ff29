#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace common::config {

/// Reads a file that holds one secret. Strips one trailing newline.
/// Errors: kReject if the file is unreadable or empty. The detail is for the operator and contains
///         no byte of the content.
[[nodiscard]] Result<std::string> ReadSecretFile(const std::string& path);

/// The secrets of a file's content, one per line. Trims white space and skips empty lines.
/// Errors: kReject if there is none; the detail names the file.
[[nodiscard]] Result<std::vector<std::string>> SecretLinesOf(const std::string& path,
                                                             std::string_view content);

/// Reads one secret per line.
/// Errors: those of both functions above.
[[nodiscard]] Result<std::vector<std::string>> ReadSecretLines(const std::string& path);

}  // namespace common::config
