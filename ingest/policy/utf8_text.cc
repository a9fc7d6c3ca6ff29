#include "ingest/policy/utf8_text.h"

#include <array>

#include "common/base/utf8.h"

namespace ingest {

std::string Utf8Text(std::string_view text, std::size_t limit) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string utf8;
  while (!text.empty()) {
    const auto byte = static_cast<unsigned char>(text.front());
    const std::array<char, 3> escape = {'%', kDigits[byte >> 4U], kDigits[byte & 0xFU]};
    const std::size_t length = common::Utf8Length(text);
    const std::string_view next =
        length > 0 ? text.substr(0, length) : std::string_view(escape.data(), escape.size());
    if (utf8.size() + next.size() > limit) break;
    utf8.append(next);
    text.remove_prefix(length > 0 ? length : 1);
  }
  return utf8;
}

}  // namespace ingest
