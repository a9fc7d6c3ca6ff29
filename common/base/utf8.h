#pragma once

#include <cstddef>
#include <string_view>

namespace common {

/// The length in bytes, 1 to 4, of the UTF-8 character at the front of `text`. 0 if the text is
/// empty or the character is invalid: overlong, a surrogate, beyond U+10FFFF or truncated.
[[nodiscard]] std::size_t Utf8Length(std::string_view text);

}  // namespace common
