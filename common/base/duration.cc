#include "common/base/duration.h"

#include <array>
#include <cstdint>
#include <limits>

#include "common/base/quantity.h"

namespace common {
namespace {

// In descending order, so that formatting picks the largest. Days are accepted but never written:
// the documents say 48h, not 2d.
constexpr std::array<Unit, 4> kWrittenDurations = {
    {{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::array<Unit, 5> kDurations = {
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};

}  // namespace

std::optional<std::chrono::milliseconds> ParseDuration(std::string_view text) {
  using Count = std::chrono::milliseconds::rep;
  const auto count = ParseQuantity(text, kDurations,
                                   static_cast<std::uint64_t>(std::numeric_limits<Count>::max()));
  if (count) return std::chrono::milliseconds(static_cast<Count>(*count));
  const bool is_zero = !text.empty() && text.find_first_not_of('0') == std::string_view::npos;
  return is_zero ? std::optional(std::chrono::milliseconds(0)) : std::nullopt;
}

std::string FormatDuration(std::chrono::milliseconds duration) {
  const bool is_negative = duration.count() < 0;
  const auto count = static_cast<std::uint64_t>(is_negative ? -duration.count() : duration.count());
  return (is_negative ? "-" : "") + FormatQuantity(count, kWrittenDurations, "s");
}

}  // namespace common
