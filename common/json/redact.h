#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace common::json {

/// RFC 6901: the names and indices that lead to a value. Empty: the whole document.
using Pointer = std::vector<std::string>;

/// None unless `text` is empty or starts with '/' and each '~' is followed by 0 or 1.
[[nodiscard]] std::optional<Pointer> ParsePointer(std::string_view text);

/// `json` without the members and elements that `pointers` name; what is left stays byte for byte
/// as it came, but for a byte order mark and white space around the value. Indices are those of the
/// original. A name that occurs twice is removed twice. A pointer that leads nowhere is ignored; an
/// empty one makes the whole value `null`.
///
/// None unless `json` is one JSON value in UTF-8: what cannot be read cannot be redacted.
[[nodiscard]] std::optional<std::string> Redact(std::string_view json,
                                                const std::vector<Pointer>& pointers);

}  // namespace common::json
