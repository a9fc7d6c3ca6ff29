#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace common {

/// Parses the whole text as one decimal number. Refuses a value out of range, "+", spaces and a
/// base prefix; accepts "-" if `Number` is signed.
template <typename Number>
[[nodiscard]] std::optional<Number> ParseNumber(std::string_view text) {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

}  // namespace common
