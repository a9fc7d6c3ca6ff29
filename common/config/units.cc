#include "common/config/units.h"

#include <array>
#include <charconv>
#include <limits>

namespace common::config {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

// In descending order, so that formatting picks the largest. Days are accepted but never written:
// the documents say 48h, not 2d.
constexpr std::array<Unit, 4> kWrittenDurations = {
    {{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::array<Unit, 5> kDurations = {
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::array<Unit, 4> kSizes = {
    {{"GiB", 1ULL << 30}, {"MiB", 1ULL << 20}, {"KiB", 1ULL << 10}, {"B", 1}}};

struct Quantity {
  std::uint64_t number = 0;
  std::string_view unit;
};

std::optional<Quantity> Split(std::string_view text) {
  Quantity quantity;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, quantity.number);
  if (error != std::errc()) return std::nullopt;
  quantity.unit = text.substr(static_cast<std::size_t>(stop - text.data()));
  return quantity;
}

/// Empty if the unit is unknown or the product exceeds `max`.
template <std::size_t kCount>
std::optional<std::uint64_t> Multiply(const Quantity& quantity,
                                      const std::array<Unit, kCount>& units, std::uint64_t max) {
  for (const Unit& unit : units) {
    if (unit.name != quantity.unit) continue;
    if (quantity.number > max / unit.factor) return std::nullopt;
    return quantity.number * unit.factor;
  }
  return std::nullopt;
}

template <std::size_t kCount>
std::string Format(std::uint64_t number, const std::array<Unit, kCount>& units,
                   std::string_view unit_of_zero) {
  if (number == 0) return "0" + std::string(unit_of_zero);
  for (const Unit& unit : units) {
    if (number % unit.factor == 0) {
      return std::to_string(number / unit.factor) + std::string(unit.name);
    }
  }
  return {};
}

}  // namespace

std::optional<std::chrono::milliseconds> ParseDuration(std::string_view text) {
  using Count = std::chrono::milliseconds::rep;
  const std::optional<Quantity> quantity = Split(text);
  if (!quantity) return std::nullopt;
  if (quantity->unit.empty() && quantity->number == 0) return std::chrono::milliseconds(0);
  const auto count = Multiply(*quantity, kDurations,
                              static_cast<std::uint64_t>(std::numeric_limits<Count>::max()));
  if (!count) return std::nullopt;
  return std::chrono::milliseconds(static_cast<Count>(*count));
}

std::optional<std::uint64_t> ParseSize(std::string_view text) {
  std::optional<Quantity> quantity = Split(text);
  if (!quantity) return std::nullopt;
  if (quantity->unit.empty()) quantity->unit = "B";
  return Multiply(*quantity, kSizes, std::numeric_limits<std::uint64_t>::max());
}

std::string FormatDuration(std::chrono::milliseconds duration) {
  const bool is_negative = duration.count() < 0;
  const auto count = static_cast<std::uint64_t>(is_negative ? -duration.count() : duration.count());
  return (is_negative ? "-" : "") + Format(count, kWrittenDurations, "s");
}

std::string FormatSize(std::uint64_t bytes) { return Format(bytes, kSizes, "B"); }

}  // namespace common::config
