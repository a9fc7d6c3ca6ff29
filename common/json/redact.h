#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace common::json {

/// RFC 6901: the names and indices that lead to a value. Empty: the whole document.
using Pointer = std::vector<std::string>;

/// Empty if `text` is invalid: it must be "" or start with '/', with 0 or 1 after each '~'.
[[nodiscard]] std::optional<Pointer> ParsePointer(std::string_view text);

/// Removes the members and elements that `pointers` name. The rest stays byte for byte, except that
/// a byte order mark and white space around the value are dropped. Indices refer to the original.
/// Removes every occurrence of a repeated name. Ignores a pointer without a target. An empty
/// pointer makes the whole value `null`.
///
/// Empty unless `json` is one JSON value in UTF-8, since other text cannot be redacted.
[[nodiscard]] std::optional<std::string> Redact(std::string_view json,
                                                const std::vector<Pointer>& pointers);

}  // namespace common::json
