#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ctl {

/// Where a record stands on its topic: "3:17" on the command line.
struct RecordPlace {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  friend auto operator<=>(const RecordPlace&, const RecordPlace&) = default;
};

/// One that is not known to be stored where it was to go.
struct UnstoredRecord {
  RecordPlace place;  ///< Where it came from.
  std::string error;
};

[[nodiscard]] std::string ToText(const RecordPlace& place);
[[nodiscard]] std::optional<RecordPlace> ParseRecordPlace(std::string_view text);
/// None if one of them is no number, or negative.
[[nodiscard]] std::optional<RecordPlace> ParseRecordPlace(std::string_view partition,
                                                          std::string_view offset);

}  // namespace ctl
