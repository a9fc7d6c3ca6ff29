#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace common {

// duration := integer ("ms" | "s" | "m" | "h" | "d")     ; "0" alone is also a duration

[[nodiscard]] std::optional<std::chrono::milliseconds> ParseDuration(std::string_view text);

/// Uses the largest unit, up to hours, that divides the duration: "1500ms", "4s", "48h".
[[nodiscard]] std::string FormatDuration(std::chrono::milliseconds duration);

}  // namespace common
