#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace common {

/// The text if all of it is one number that fits; a sign, spaces or a base before it do not belong
/// to one, "-" does where `Number` has negative values.
template <typename Number>
[[nodiscard]] std::optional<Number> ParseNumber(std::string_view text) {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

}  // namespace common
