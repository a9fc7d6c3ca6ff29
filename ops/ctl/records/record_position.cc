#include "ops/ctl/records/record_position.h"

#include "common/base/number.h"

namespace ctl {

std::optional<common::RecordPosition> ParseRecordPosition(std::string_view partition,
                                                          std::string_view offset) {
  const auto partition_number = common::ParseNumber<std::int32_t>(partition);
  const auto offset_number = common::ParseNumber<std::int64_t>(offset);
  if (!partition_number || !offset_number) return std::nullopt;
  if (*partition_number < 0 || *offset_number < 0) return std::nullopt;
  return common::RecordPosition{common::Partition(*partition_number),
                                common::Offset(*offset_number)};
}

std::string ToText(const common::RecordPosition& place) {
  return ToText(place.partition) + ":" + ToText(place.offset);
}

std::optional<common::RecordPosition> ParseRecordPosition(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  return ParseRecordPosition(text.substr(0, colon), text.substr(colon + 1));
}

}  // namespace ctl
