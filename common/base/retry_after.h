#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "common/base/rfc3339.h"

namespace common {

inline constexpr std::chrono::hours kLongestRetryAfter{1};

// Retry-After := digits                              ; seconds
//              | "Sun, 06 Nov 1994 08:49:37 GMT"     ; RFC 9110 5.6.7; the current form
//              | "Sunday, 06-Nov-94 08:49:37 GMT"    ; obsolete; a year more than 50 ahead is past
//              | "Sun Nov  6 08:49:37 1994"          ; obsolete

/// Parses a date in one of the forms above. `now` gives the century of a two-digit year.
[[nodiscard]] std::optional<WallTime> ParseHttpDate(std::string_view field, WallTime now);

/// The wait that a Retry-After field requests, from 0 to kLongestRetryAfter. None if its form is
/// unknown. Ignores the name of the day.
[[nodiscard]] std::optional<std::chrono::milliseconds> ParseRetryAfter(std::string_view field,
                                                                       WallTime now);

}  // namespace common
