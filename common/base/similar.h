#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace common {

/// Finds the candidate that `typed` probably means: one or two letters are added, left out, changed
/// or swapped. The first of the nearest ones; none if `typed` is too short to tell.
[[nodiscard]] std::optional<std::string_view> FindSimilar(
    std::string_view typed, std::span<const std::string_view> candidates);

}  // namespace common
