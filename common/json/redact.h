#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/json_pointer.h"

namespace common::json {

using Pointer = JsonPointer;

/// Removes the members and elements that `pointers` name. The rest stays byte for byte, except that
/// a byte order mark and white space around the value are dropped. Indices refer to the original.
/// Removes every occurrence of a repeated name. Ignores a pointer without a target. An empty
/// pointer makes the whole value `null`.
///
/// Empty unless `json` is one JSON value in UTF-8, since other text cannot be redacted.
[[nodiscard]] std::optional<std::string> Redact(std::string_view json,
                                                const std::vector<Pointer>& pointers);

}  // namespace common::json
