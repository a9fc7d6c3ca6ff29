#include "ingest/policy/route.h"

namespace ingest {

std::optional<Route> MatchRoute(std::string_view prefix, std::string_view path) {
  if (path.substr(0, prefix.size()) != prefix) return std::nullopt;
  std::string_view rest = path.substr(prefix.size());
  if (rest.empty()) return Route{};
  if (rest.front() != '/') return std::nullopt;
  rest.remove_prefix(1);
  std::string_view segment = rest;
  if (!segment.empty() && segment.back() == '/') segment.remove_suffix(1);
  if (segment.find('/') != std::string_view::npos) segment = {};
  return Route{.segment = segment, .rest = rest};
}

std::string_view CutAtCharacter(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  // Bytes 10xxxxxx continue a character. One of them at the cut: the character begins before it.
  // More than three in a row are no UTF-8, and are cut as they are.
  std::size_t cut = limit;
  for (int back = 0; back < 3 && cut > 0; ++back) {
    if ((static_cast<unsigned char>(text[cut]) & 0xC0U) != 0x80U) break;
    --cut;
  }
  const bool within_character = (static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80U;
  return text.substr(0, within_character ? limit : cut);
}

}  // namespace ingest
