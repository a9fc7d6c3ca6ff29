#include "common/base/rfc3339.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace common {
namespace {

// What four digits of a year can write.
constexpr WallTime kFirst = std::chrono::sys_days(std::chrono::year(0) / 1 / 1);
constexpr WallTime kLast =
    std::chrono::sys_days(std::chrono::year(10000) / 1 / 1) - std::chrono::milliseconds(1);

/// Takes exactly `digits` decimal digits from the front of `text`.
std::optional<int> TakeNumber(std::string_view& text, size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int number = 0;
  for (const char c : text.substr(0, digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return number;
}

bool TakeChar(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

/// The fraction after the seconds, in milliseconds; 0 if there is none.
std::optional<int> TakeFraction(std::string_view& text) {
  if (!TakeChar(text, ".")) return 0;
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

std::optional<std::chrono::minutes> TakeOffset(std::string_view& text) {
  if (TakeChar(text, "Zz")) return std::chrono::minutes(0);
  const bool is_negative = !text.empty() && text.front() == '-';
  if (!TakeChar(text, "+-")) return std::nullopt;
  const auto hours = TakeNumber(text, 2);
  if (!hours || !TakeChar(text, ":")) return std::nullopt;
  const auto minutes = TakeNumber(text, 2);
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const std::chrono::minutes offset(*hours * 60 + *minutes);
  return is_negative ? -offset : offset;
}

/// Replaces so many digits. The number is not negative and has no more of them.
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
  const auto year = TakeNumber(text, 4);
  if (!year || !TakeChar(text, "-")) return std::nullopt;
  const auto month = TakeNumber(text, 2);
  if (!month || !TakeChar(text, "-")) return std::nullopt;
  const auto day = TakeNumber(text, 2);
  if (!day || !TakeChar(text, "Tt ")) return std::nullopt;
  const auto hour = TakeNumber(text, 2);
  if (!hour || !TakeChar(text, ":")) return std::nullopt;
  const auto minute = TakeNumber(text, 2);
  if (!minute || !TakeChar(text, ":")) return std::nullopt;
  const auto second = TakeNumber(text, 2);
  const auto fraction = TakeFraction(text);
  if (!second || !fraction) return std::nullopt;
  const auto offset = TakeOffset(text);
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
