#include "common/base/rfc3339.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace common {
namespace {

// The range of a four-digit year.
constexpr WallTime kFirst = std::chrono::sys_days(std::chrono::year(0) / 1 / 1);
constexpr WallTime kLast =
    std::chrono::sys_days(std::chrono::year(10000) / 1 / 1) - std::chrono::milliseconds(1);

/// Parses exactly `digits` decimal digits. Empty if one is not a digit or the text is too short.
std::optional<int> NumberAt(std::string_view text, std::size_t at, std::size_t digits) {
  if (text.size() < at + digits) return std::nullopt;
  int number = 0;
  for (const char c : text.substr(at, digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return number;
}

bool ReadChar(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

/// The fraction after the seconds, in milliseconds; 0 if there is none.
std::optional<int> ReadFraction(std::string_view& text) {
  if (!ReadChar(text, ".")) return 0;
  int milliseconds = 0;
  size_t digits = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    if (digits < 3) milliseconds = milliseconds * 10 + (text.front() - '0');
    ++digits;
    text.remove_prefix(1);
  }
  if (digits == 0) return std::nullopt;
  for (; digits < 3; ++digits) milliseconds *= 10;
  return milliseconds;
}

std::optional<std::chrono::minutes> ReadOffset(std::string_view& text) {
  if (ReadChar(text, "Zz")) return std::chrono::minutes(0);
  const bool is_negative = !text.empty() && text.front() == '-';
  if (!ReadChar(text, "+-")) return std::nullopt;
  const auto hours = NumberAt(text, 0, 2);
  const auto minutes = NumberAt(text, 3, 2);
  if (!hours || !minutes || text[2] != ':' || *hours > 23 || *minutes > 59) return std::nullopt;
  text.remove_prefix(5);
  const std::chrono::minutes offset(*hours * 60 + *minutes);
  return is_negative ? -offset : offset;
}

/// Overwrites `digits` digits, zero-padded. Precondition: 0 <= number < 10^digits.
void WriteNumber(std::string& text, std::size_t at, std::size_t digits, std::int64_t number) {
  for (std::size_t i = at + digits; i > at; number /= 10) {
    text[--i] = static_cast<char>('0' + number % 10);
  }
}

}  // namespace

std::string FormatRfc3339(WallTime time) {
  const WallTime writable = std::clamp(time, kFirst, kLast);
  const auto day = std::chrono::floor<std::chrono::days>(writable);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(writable - day);
  std::string text = "0000-00-00T00:00:00.000Z";
  WriteNumber(text, 0, 4, static_cast<int>(date.year()));
  WriteNumber(text, 5, 2, static_cast<unsigned>(date.month()));
  WriteNumber(text, 8, 2, static_cast<unsigned>(date.day()));
  WriteNumber(text, 11, 2, clock.hours().count());
  WriteNumber(text, 14, 2, clock.minutes().count());
  WriteNumber(text, 17, 2, clock.seconds().count());
  WriteNumber(text, 20, 3, clock.subseconds().count());
  return text;
}

std::optional<WallTime> ParseRfc3339(std::string_view text) {
  // 0123456789012345678
  // yyyy-mm-ddThh:mm:ss
  constexpr std::size_t kUpToSeconds = 19;
  const auto year = NumberAt(text, 0, 4);
  const auto month = NumberAt(text, 5, 2);
  const auto day = NumberAt(text, 8, 2);
  const auto hour = NumberAt(text, 11, 2);
  const auto minute = NumberAt(text, 14, 2);
  const auto second = NumberAt(text, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  const bool has_form = text[4] == '-' && text[7] == '-' &&
                        (text[10] == 'T' || text[10] == 't' || text[10] == ' ') &&
                        text[13] == ':' && text[16] == ':';
  if (!has_form) return std::nullopt;
  text.remove_prefix(kUpToSeconds);
  const auto fraction = ReadFraction(text);
  if (!fraction) return std::nullopt;
  const auto offset = ReadOffset(text);
  if (!offset || !text.empty()) return std::nullopt;

  const std::chrono::year_month_day date(std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const WallTime time = std::chrono::sys_days(date) + std::chrono::hours(*hour) +
                        std::chrono::minutes(*minute) + std::chrono::seconds(*second) +
                        std::chrono::milliseconds(*fraction) - *offset;
  if (time < kFirst || time > kLast) return std::nullopt;
  return time;
}

}  // namespace common
