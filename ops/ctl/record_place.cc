#include "ops/ctl/record_place.h"

#include <charconv>

namespace ctl {
namespace {

/// None if not all of the text is one number that fits and is not negative.
template <typename Number>
std::optional<Number> ParseNumber(std::string_view text) {
  Number number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || stop != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

}  // namespace

std::string ToText(const RecordPlace& place) {
  return std::to_string(place.partition) + ":" + std::to_string(place.offset);
}

std::optional<RecordPlace> ParseRecordPlace(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto partition = ParseNumber<std::int32_t>(text.substr(0, colon));
  const auto offset = ParseNumber<std::int64_t>(text.substr(colon + 1));
  if (!partition || !offset) return std::nullopt;
  return RecordPlace{*partition, *offset};
}

}  // namespace ctl
