#pragma once

#include <cstddef>
#include <string_view>

namespace common::json {

/// Whether containers stand in containers deeper than `depth`, the outermost one counted. Costs
/// next to nothing for a text with fewer brackets than that.
///
/// Precondition: `json` is one JSON value.
[[nodiscard]] bool IsNestedDeeper(std::string_view json, std::size_t depth);

}  // namespace common::json
