#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/domain/record_position.h"

namespace ctl {

/// A record that may not have been stored on its destination.
struct UnstoredRecord {
  common::RecordPosition place;  ///< Its source.
  std::string error;
};

/// "3:17", as on the command line.
[[nodiscard]] std::string ToText(const common::RecordPosition& place);
[[nodiscard]] std::optional<common::RecordPosition> ParseRecordPosition(std::string_view text);
/// None if one of them is negative or not a number.
[[nodiscard]] std::optional<common::RecordPosition> ParseRecordPosition(std::string_view partition,
                                                                        std::string_view offset);

}  // namespace ctl
