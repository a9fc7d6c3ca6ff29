#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "common/base/rfc3339.h"

namespace consumer {

inline constexpr std::chrono::hours kLongestRetryAfter{1};

// Retry-After := digits                              ; seconds
//              | "Sun, 06 Nov 1994 08:49:37 GMT"     ; RFC 9110 5.6.7; the form of today
//              | "Sunday, 06-Nov-94 08:49:37 GMT"    ; obsolete; a year more than 50 ahead is past
//              | "Sun Nov  6 08:49:37 1994"          ; obsolete

/// A date in one of the forms above. `now` tells the century of a year of two digits.
[[nodiscard]] std::optional<common::WallTime> ParseHttpDate(std::string_view field,
                                                            common::WallTime now);

/// The wait that a Retry-After field asks for, between nothing and kLongestRetryAfter. None if it
/// is in no known form. The name of the day is not looked at.
[[nodiscard]] std::optional<std::chrono::milliseconds> ParseRetryAfter(std::string_view field,
                                                                       common::WallTime now);

}  // namespace consumer
