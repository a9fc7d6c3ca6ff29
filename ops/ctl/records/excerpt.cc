#include "ops/ctl/records/excerpt.h"

namespace ctl {

void CutToExcerpt(std::string& text) {
  if (text.size() <= kMostOfAText) return;
  const auto continues = [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
  };
  constexpr std::size_t kLongestCharacter = 4;  // Of a text that is not UTF-8, no more is lost.
  std::size_t end = kMostOfAText;
  while (end > kMostOfAText - kLongestCharacter + 1 && continues(text[end])) --end;
  text = text.substr(0, end) + "…";  // A new string: the old one would keep its memory.
}

void CutToExcerpt(std::optional<std::string>& text) {
  if (text) CutToExcerpt(*text);
}

}  // namespace ctl
