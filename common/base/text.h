#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace common {

/// ASCII only, whatever the locale.
[[nodiscard]] std::string ToLowerAscii(std::string text);
[[nodiscard]] bool EqualsIgnoringCase(std::string_view a, std::string_view b);

/// Strips leading and trailing ASCII white space (space, \t \n \v \f \r).
[[nodiscard]] std::string_view TrimAscii(std::string_view text);

/// Lower-case hex digits, two for each byte.
[[nodiscard]] std::string ToHex(std::string_view bytes);

/// The bytes of pairs of hex digits in either case. nullopt for any other text.
[[nodiscard]] std::optional<std::string> DecodeHex(std::string_view hex);

/// Escapes all but RFC 3986 unreserved characters as %XX, for one path segment or form field.
[[nodiscard]] std::string PercentEncode(std::string_view text);

/// Decodes each %XX. A '%' without two hex digits stays as it is.
[[nodiscard]] std::string PercentDecode(std::string_view text);

}  // namespace common
