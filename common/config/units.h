#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace common::config {

// duration := integer ("ms" | "s" | "m" | "h" | "d")     ; "0" alone is also a duration
// size     := integer ["B" | "KiB" | "MiB" | "GiB"]      ; bytes if the unit is omitted

[[nodiscard]] std::optional<std::chrono::milliseconds> ParseDuration(std::string_view text);
[[nodiscard]] std::optional<std::uint64_t> ParseSize(std::string_view text);

/// Uses the largest unit, up to hours, that divides the duration: "1500ms", "4s", "48h".
[[nodiscard]] std::string FormatDuration(std::chrono::milliseconds duration);
[[nodiscard]] std::string FormatSize(std::uint64_t bytes);

}  // namespace common::config
