#pragma once

#include <cstddef>
#include <string_view>

namespace common::json {

/// True if containers nest deeper than `depth`; the outermost counts as 1. Cheap for a text with
/// at most `depth` brackets.
///
/// Precondition: `json` is one JSON value.
[[nodiscard]] bool IsNestedDeeper(std::string_view json, std::size_t depth);

}  // namespace common::json
