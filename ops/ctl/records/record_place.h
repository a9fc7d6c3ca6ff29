#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ctl {

/// The place of a record on its topic: "3:17" on the command line.
struct RecordPlace {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  friend auto operator<=>(const RecordPlace&, const RecordPlace&) = default;
};

/// A record that may not have been stored on its destination.
struct UnstoredRecord {
  RecordPlace place;  ///< Its source.
  std::string error;
};

[[nodiscard]] std::string ToText(const RecordPlace& place);
[[nodiscard]] std::optional<RecordPlace> ParseRecordPlace(std::string_view text);
/// None if one of them is negative or not a number.
[[nodiscard]] std::optional<RecordPlace> ParseRecordPlace(std::string_view partition,
                                                          std::string_view offset);

}  // namespace ctl
