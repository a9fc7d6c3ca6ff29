#include "common/json/plain_object.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>

namespace common::json {
namespace {

constexpr std::uint64_t kEach = 0x0101010101010101;
constexpr std::uint64_t kHighBits = 0x8080808080808080;

/// The high bit of each byte that is zero, and perhaps of bytes after the first such one.
constexpr std::uint64_t ZeroBytes(std::uint64_t word) { return (word - kEach) & ~word & kHighBits; }

constexpr bool IsPlain(char c) { return c >= ' ' && c < '\x7f' && c != '"' && c != '\\'; }

/// Whether all eight are; the byte 0x7f is taken for one that is not plain.
bool AreEightPlain(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  const std::uint64_t controls = (word - kEach * 0x20) & ~word & kHighBits;
  const std::uint64_t odd = controls | ZeroBytes(word ^ kEach * '"') |
                            ZeroBytes(word ^ kEach * '\\') | ((word + kEach) & kHighBits);
  return ((odd | word) & kHighBits) == 0;
}

/// What a field was last.
struct Seen {
  Field::Kind kind = Field::Kind::kAbsent;
  std::string_view text;
};

class Scanner {
 public:
  explicit Scanner(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  void SkipSpace() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r')) ++at_;
  }
  bool Take(char c) {
    SkipSpace();
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  bool TakeWord(std::string_view word) {
    if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(word))
      return false;
    at_ += word.size();
    return true;
  }
  std::optional<std::string_view> TakeString() {
    if (!Take('"')) return std::nullopt;
    const char* const begin = at_;
    while (end_ - at_ >= 8 && AreEightPlain(at_)) at_ += 8;
    while (at_ != end_ && IsPlain(*at_)) ++at_;
    if (at_ == end_ || *at_ != '"') return std::nullopt;
    return std::string_view(begin, static_cast<std::size_t>(at_++ - begin));
  }
  std::optional<Seen> TakeValue() {
    SkipSpace();
    if (at_ != end_ && *at_ == '"') {
      const auto string = TakeString();
      if (!string) return std::nullopt;
      return Seen{Field::Kind::kText, *string};
    }
    if (TakeWord("true") || TakeWord("false") || TakeWord("null")) {
      return Seen{Field::Kind::kOther, {}};
    }
    return std::nullopt;
  }
  bool IsAtEnd() {
    SkipSpace();
    return at_ == end_;
  }

 private:
  const char* at_;
  const char* end_;
};

}  // namespace

bool ReadPlainFields(std::string_view json, std::vector<Field>& fields) {
  std::array<Seen, 4> seen;
  if (fields.size() > seen.size()) return false;
  Scanner scanner(json);
  if (!scanner.Take('{')) return false;
  if (!scanner.Take('}')) {
    do {
      const auto name = scanner.TakeString();
      if (!name || !scanner.Take(':')) return false;
      const auto value = scanner.TakeValue();
      if (!value) return false;
      for (std::size_t i = 0; i < fields.size(); ++i) {
        if (fields[i].name == *name) seen[i] = *value;
      }
    } while (scanner.Take(','));
    if (!scanner.Take('}')) return false;
  }
  if (!scanner.IsAtEnd()) return false;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (seen[i].kind == Field::Kind::kAbsent) continue;
    fields[i].kind = seen[i].kind;
    fields[i].value = seen[i].text;
  }
  return true;
}

}  // namespace common::json
