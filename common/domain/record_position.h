#pragma once

#include <compare>
#include <cstdint>

namespace common {

/// The place of a record on its topic.
struct RecordPosition {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  friend auto operator<=>(const RecordPosition&, const RecordPosition&) = default;
};

}  // namespace common
