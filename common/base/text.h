#pragma once

#include <string>
#include <string_view>

namespace common {

/// ASCII only, whatever the locale.
[[nodiscard]] std::string ToLowerAscii(std::string text);
[[nodiscard]] bool EqualsIgnoringCase(std::string_view a, std::string_view b);

/// Without leading and trailing ASCII white space (space, \t \n \v \f \r).
[[nodiscard]] std::string_view TrimAscii(std::string_view text);

/// Lower-case hex digits, two for each byte.
[[nodiscard]] std::string ToHex(std::string_view bytes);

/// Everything but RFC 3986 unreserved characters as %XX: one path segment or one form field.
[[nodiscard]] std::string PercentEncode(std::string_view text);

/// The bytes that %XX stand for; a '%' without two hex digits stands for itself.
[[nodiscard]] std::string PercentDecode(std::string_view text);

}  // namespace common
