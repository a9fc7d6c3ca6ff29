#include "common/base/retry_after.h"

#include <algorithm>
#include <array>
#include <system_error>
#include <vector>

#include "common/base/number.h"
#include "common/base/text.h"

namespace common {
namespace {

using std::chrono::milliseconds;

/// None if negative.
std::optional<int> ParseCount(std::string_view digits) {
  const auto number = ParseNumber<int>(digits);
  return number && *number >= 0 ? number : std::nullopt;
}

std::optional<milliseconds> ParseSeconds(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
  // A number too large for an int is longer than an hour.
  const std::chrono::seconds seconds(ParseCount(text).value_or(3600));
  return std::min<milliseconds>(seconds, kLongestRetryAfter);
}

/// The parts between spaces, commas and hyphens.
std::vector<std::string_view> Split(std::string_view text) {
  constexpr std::string_view kSeparators = " ,-";
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t begin = text.find_first_not_of(kSeparators);
    if (begin == std::string_view::npos) return parts;
    const std::size_t end = std::min(text.find_first_of(kSeparators, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    text.remove_prefix(end);
  }
}

std::optional<std::chrono::month> ParseMonth(std::string_view name) {
  constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                        "jul", "aug", "sep", "oct", "nov", "dec"};
  for (unsigned i = 0; i < kMonths.size(); ++i) {
    if (EqualsIgnoringCase(name, kMonths[i])) return std::chrono::month(i + 1);
  }
  return std::nullopt;
}

std::optional<std::chrono::year> ParseYear(std::string_view digits, WallTime now) {
  auto number = ParseCount(digits);
  if (!number) return std::nullopt;
  if (digits.size() == 2) {
    const std::chrono::year_month_day today(std::chrono::floor<std::chrono::days>(now));
    const int this_year = static_cast<int>(today.year());
    *number += this_year / 100 * 100;
    if (*number > this_year + 50) *number -= 100;
  }
  return std::chrono::year(*number);
}

/// hh:mm:ss; accepts a leap second.
std::optional<std::chrono::seconds> ParseClock(std::string_view text) {
  if (text.size() != 8 || text[2] != ':' || text[5] != ':') return std::nullopt;
  const auto hours = ParseCount(text.substr(0, 2));
  const auto minutes = ParseCount(text.substr(3, 2));
  const auto seconds = ParseCount(text.substr(6, 2));
  if (!hours || !minutes || !seconds) return std::nullopt;
  if (*hours > 23 || *minutes > 59 || *seconds > 60) return std::nullopt;
  return std::chrono::hours(*hours) + std::chrono::minutes(*minutes) +
         std::chrono::seconds(*seconds);
}

struct DateParts {
  std::string_view day;
  std::string_view month;
  std::string_view year;
  std::string_view clock;
};

std::optional<DateParts> ArrangeDate(const std::vector<std::string_view>& parts) {
  if (parts.size() == 5) return DateParts{parts[2], parts[1], parts[4], parts[3]};
  if (parts.size() != 6 || !EqualsIgnoringCase(parts[5], "GMT")) return std::nullopt;
  return DateParts{parts[1], parts[2], parts[3], parts[4]};
}

}  // namespace

std::optional<WallTime> ParseHttpDate(std::string_view field, WallTime now) {
  const auto parts = ArrangeDate(Split(TrimAscii(field)));
  if (!parts) return std::nullopt;
  const auto day = ParseCount(parts->day);
  const auto month = ParseMonth(parts->month);
  const auto year = ParseYear(parts->year, now);
  const auto clock = ParseClock(parts->clock);
  if (!day || !month || !year || !clock) return std::nullopt;
  const std::chrono::year_month_day date(*year, *month,
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date) + *clock;
}

std::optional<milliseconds> ParseRetryAfter(std::string_view field, WallTime now) {
  const std::string_view text = TrimAscii(field);
  if (const auto seconds = ParseSeconds(text)) return seconds;
  const auto date = ParseHttpDate(field, now);
  if (!date) return std::nullopt;
  return std::clamp<milliseconds>(*date - now, milliseconds(0), kLongestRetryAfter);
}

}  // namespace common
