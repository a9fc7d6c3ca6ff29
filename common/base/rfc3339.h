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

/// "2026-11-23T07:44:12.345Z": RFC 3339, UTC, milliseconds. A time before the year 0 or after 9999,
/// which that cannot write, is written as the first or the last one that it can.
[[nodiscard]] std::string FormatRfc3339(WallTime time);

/// Accepts any RFC 3339 date-time whose year in UTC has four digits; digits past the milliseconds
/// are cut off.
[[nodiscard]] std::optional<WallTime> ParseRfc3339(std::string_view text);

}  // namespace common
