#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace common {

/// A unit of durations or sizes: its name, and how many of the smallest unit it is.
struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

/// The number in the smallest unit. `text` is an integer and the name of a unit. Empty if it is
/// not, or if the number exceeds `max`. An integer alone has the unit `unit_of_none`.
template <std::size_t kCount>
[[nodiscard]] std::optional<std::uint64_t> ParseQuantity(std::string_view text,
                                                         const std::array<Unit, kCount>& units,
                                                         std::uint64_t max,
                                                         std::string_view unit_of_none = {}) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc()) return std::nullopt;
  std::string_view name = text.substr(static_cast<std::size_t>(stop - text.data()));
  if (name.empty()) name = unit_of_none;
  for (const Unit& unit : units) {
    if (unit.name != name) continue;
    if (number > max / unit.factor) return std::nullopt;
    return number * unit.factor;
  }
  return std::nullopt;
}

/// Uses the first unit that divides the number. Precondition: one of them is 1.
template <std::size_t kCount>
[[nodiscard]] std::string FormatQuantity(std::uint64_t number,
                                         const std::array<Unit, kCount>& units,
                                         std::string_view unit_of_zero) {
  if (number == 0) return "0" + std::string(unit_of_zero);
  for (const Unit& unit : units) {
    if (number % unit.factor == 0) {
      return std::to_string(number / unit.factor) + std::string(unit.name);
    }
  }
  return {};
}

}  // namespace common
