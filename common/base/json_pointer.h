#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace common {

/// RFC 6901: the names and indices that lead to a value. Empty: the whole document.
using JsonPointer = std::vector<std::string>;

/// Empty if `text` is invalid: it must be "" or start with '/', with 0 or 1 after each '~'.
[[nodiscard]] std::optional<JsonPointer> ParseJsonPointer(std::string_view text);

}  // namespace common
