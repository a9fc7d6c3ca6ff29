#include "common/domain/copied_record.h"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace common {
namespace {

/// Reads a number that is not negative and ends where `text` ends.
template <typename Number>
bool ReadWhole(std::string_view text, Number& number) {
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  return at == end && error == std::errc() && number >= 0;
}

}  // namespace

WallTime AnnouncedAt(std::optional<std::string_view> copied_from,
                     std::optional<std::string_view> announced_at, WallTime record_time) {
  if (!copied_from || !announced_at) return record_time;
  return std::min(record_time, ParseRfc3339(*announced_at).value_or(record_time));
}

std::string ToText(const CopyOrigin& origin) {
  return std::to_string(origin.partition) + ":" + std::to_string(origin.offset) + "@" +
         std::to_string(origin.partitions);
}

std::optional<CopyOrigin> ReadCopyOrigin(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::size_t at = text.find('@');
  if (colon == std::string_view::npos || at == std::string_view::npos || at < colon) {
    return std::nullopt;
  }
  CopyOrigin origin;
  if (!ReadWhole(text.substr(0, colon), origin.partition) ||
      !ReadWhole(text.substr(colon + 1, at - colon - 1), origin.offset) ||
      !ReadWhole(text.substr(at + 1), origin.partitions)) {
    return std::nullopt;
  }
  return origin;
}

}  // namespace common
