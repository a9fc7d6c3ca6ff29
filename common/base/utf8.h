#pragma once

#include <cstddef>
#include <string_view>

namespace common {

/// The length in bytes, 1 to 4, of the UTF-8 character at the front of `text`; 0 if there is none:
/// no text, an overlong form, half a surrogate pair, beyond U+10FFFF, cut short.
[[nodiscard]] std::size_t Utf8Length(std::string_view text);

}  // namespace common
