#include "common/config/units.h"

#include <array>
#include <limits>

#include "common/base/quantity.h"

namespace common::config {
namespace {

// In descending order, so that formatting picks the largest.
constexpr std::array<Unit, 4> kSizes = {
    {{"GiB", 1ULL << 30}, {"MiB", 1ULL << 20}, {"KiB", 1ULL << 10}, {"B", 1}}};

}  // namespace

std::optional<std::uint64_t> ParseSize(std::string_view text) {
  return ParseQuantity(text, kSizes, std::numeric_limits<std::uint64_t>::max(), "B");
}

std::string FormatSize(std::uint64_t bytes) { return FormatQuantity(bytes, kSizes, "B"); }

}  // namespace common::config
