#include "common/tracing/span.h"

namespace common::tracing {

std::string_view CutText(std::string_view text) {
  if (text.size() <= kMostText) return text;
  // A byte 10xxxxxx continues a character, which has 4 bytes at most.
  const auto continues = [&](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
  };
  std::size_t end = kMostText;
  while (end > kMostText - 3 && continues(end)) --end;
  return text.substr(0, end);
}

void AddText(Span& span, std::string_view name, std::string_view value) {
  if (!value.empty()) span.attributes.emplace_back(name, std::string(CutText(value)));
}

std::size_t SizeOf(const Span& span) {
  std::size_t bytes = sizeof(Span) + span.trace_state.size() + span.name.size();
  for (const Attribute& attribute : span.attributes) {
    const auto* const text = std::get_if<std::string>(&attribute.second);
    bytes += sizeof(Attribute) + (text == nullptr ? 0 : text->size());
  }
  return bytes;
}

}  // namespace common::tracing
