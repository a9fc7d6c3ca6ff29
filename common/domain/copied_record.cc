#include "common/domain/copied_record.h"

#include <algorithm>

#include "common/base/number.h"

namespace common {

WallTime AnnouncedAt(std::optional<std::string_view> copied_from,
                     std::optional<std::string_view> announced_at, WallTime record_time) {
  if (!copied_from || !announced_at) return record_time;
  return std::min(record_time, ParseRfc3339(*announced_at).value_or(record_time));
}

std::string ToText(const CopyOrigin& origin) {
  return ToText(origin.partition) + ":" + ToText(origin.offset) + "@" +
         std::to_string(origin.partitions);
}

std::optional<CopyOrigin> ReadCopyOrigin(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::size_t at = text.find('@');
  if (colon == std::string_view::npos || at == std::string_view::npos || at < colon) {
    return std::nullopt;
  }
  const auto partition = ParseNumber<std::int32_t>(text.substr(0, colon));
  const auto offset = ParseNumber<std::int64_t>(text.substr(colon + 1, at - colon - 1));
  const auto partitions = ParseNumber<int>(text.substr(at + 1));
  if (!partition || !offset || !partitions) return std::nullopt;
  if (*partition < 0 || *offset < 0 || *partitions < 0) return std::nullopt;
  return CopyOrigin{
      .partition = Partition(*partition), .offset = Offset(*offset), .partitions = *partitions};
}

}  // namespace common
