#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace common {

using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;

inline WallTime WallNow() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

/// "2026-11-23T07:44:12.345Z": RFC 3339, UTC, milliseconds. Clamps times outside the years 0 to
/// 9999 to the first or last instant of that range.
[[nodiscard]] std::string FormatRfc3339(WallTime time);

/// Accepts any RFC 3339 date-time whose year in UTC has four digits. Truncates to milliseconds.
[[nodiscard]] std::optional<WallTime> ParseRfc3339(std::string_view text);

}  // namespace common
