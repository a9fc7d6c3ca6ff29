#include "common/json/source.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace common::json {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::size_t CountDigits(std::string_view text, std::size_t from) {
  std::size_t count = 0;
  while (from + count < text.size() && IsDigit(text[from + count])) ++count;
  return count;
}

bool StartsAt(std::string_view text, std::size_t at, std::string_view any_of) {
  return at < text.size() && any_of.find(text[at]) != std::string_view::npos;
}

/// number := ["-"] ("0" | digit19 {digit}) ["." digit {digit}] [("e"|"E") ["+"|"-"] digit {digit}]
/// The length of the number at the front; 0 if there is none or an invalid character follows.
std::size_t NumberSize(std::string_view text) {
  std::size_t at = StartsAt(text, 0, "-") ? 1 : 0;
  const std::size_t digits = CountDigits(text, at);
  if (digits == 0 || (digits > 1 && text[at] == '0')) return 0;
  at += digits;
  if (StartsAt(text, at, ".")) {
    const std::size_t fraction = CountDigits(text, at + 1);
    if (fraction == 0) return 0;
    at += 1 + fraction;
  }
  if (StartsAt(text, at, "eE")) {
    ++at;
    if (StartsAt(text, at, "+-")) ++at;
    const std::size_t exponent = CountDigits(text, at);
    if (exponent == 0) return 0;
    at += exponent;
  }
  return StartsAt(text, at, ".eE+-") ? 0 : at;
}

/// The code unit of the escape \\uXXXX at the front. Empty if there is none.
std::optional<unsigned> CodeUnit(std::string_view text) {
  constexpr std::size_t kSize = 6;
  if (text.size() < kSize || text[0] != '\\' || text[1] != 'u') return std::nullopt;
  unsigned unit = 0;
  const char* const end = text.data() + kSize;
  const auto [stop, error] = std::from_chars(text.data() + 2, end, unit, 16);
  if (error != std::errc() || stop != end) return std::nullopt;
  return unit;
}

bool IsFirstHalf(unsigned unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool IsSecondHalf(unsigned unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

}  // namespace

Source::Source(std::string_view text) : text_(text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text_.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    text_.remove_prefix(kByteOrderMark.size());
  }
  Settle();
}

char Source::ReadSpecial() {
  if (IsAtEnd()) return '\0';
  const char taken = next_;
  if (number_size_ > 0) {
    last_number_ = text_.substr(at_, number_size_);
    at_ += number_size_;
  } else {
    if (is_escaped_) {
      is_escaped_ = false;
    } else if (taken == '"') {
      is_in_string_ = !is_in_string_;
    } else {
      is_escaped_ = is_in_string_ && taken == '\\';
    }
    ++at_;
  }
  Settle();
  return taken;
}

void Source::Settle() {
  constexpr char kNoJson = '?';
  number_size_ = 0;
  if (IsAtEnd()) return;
  next_ = text_[at_];
  if (is_in_string_) return SettleEscape();
  if (next_ != '-' && !IsDigit(next_)) return;
  number_size_ = NumberSize(text_.substr(at_));
  next_ = number_size_ > 0 ? '0' : kNoJson;
}

void Source::SettleEscape() {
  constexpr std::string_view kReplacement = "fffd";
  constexpr std::size_t kEscape = 6;
  if (next_ == '\\' && !is_escaped_ && at_ >= pair_end_) {
    const auto unit = CodeUnit(text_.substr(at_));
    if (!unit) return;
    const auto second = CodeUnit(text_.substr(std::min(at_ + kEscape, text_.size())));
    const bool is_pair = IsFirstHalf(*unit) && second && IsSecondHalf(*second);
    pair_end_ = at_ + (is_pair ? 2 * kEscape : kEscape);
    if (!is_pair && (IsFirstHalf(*unit) || IsSecondHalf(*unit))) hidden_ = at_ + 2;
  } else if (hidden_ > 0 && at_ >= hidden_ && at_ < hidden_ + kReplacement.size()) {
    next_ = kReplacement[at_ - hidden_];
  }
}

}  // namespace common::json
