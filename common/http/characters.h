#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace common::http {

// Character classes of RFC 9110 and 9112, one bit each, so that a check is one table look-up.
enum CharacterClass : std::uint8_t {
  kTokenChar = 1,   // tchar
  kTargetChar = 2,  // VCHAR / obs-text: no control character, no space
  kValueChar = 4,   // HTAB / SP / VCHAR / obs-text
};

constexpr std::array<std::uint8_t, 256> MakeCharacterClasses() {
  std::array<std::uint8_t, 256> table{};
  for (unsigned c = 0; c < table.size(); ++c) {
    if (c > 0x20 && c != 0x7f) table[c] |= kTargetChar | kValueChar;
    const bool alphanumeric =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (alphanumeric) table[c] |= kTokenChar;
  }
  table[' '] |= kValueChar;
  table['\t'] |= kValueChar;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) {
    table[static_cast<unsigned char>(c)] |= kTokenChar;
  }
  return table;
}

inline constexpr auto kCharacterClasses = MakeCharacterClasses();

constexpr bool Is(char c, CharacterClass wanted) {
  return (kCharacterClasses[static_cast<unsigned char>(c)] & wanted) != 0;
}

constexpr bool AllAre(std::string_view text, CharacterClass wanted) {
  for (const char c : text) {
    if (!Is(c, wanted)) return false;
  }
  return true;
}

}  // namespace common::http
