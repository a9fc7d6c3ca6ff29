#pragma once

#include <compare>

#include "common/domain/offset.h"
#include "common/domain/partition.h"

namespace common {

/// The place of a record on its topic.
struct RecordPosition {
  Partition partition{};
  Offset offset{};
  friend auto operator<=>(const RecordPosition&, const RecordPosition&) = default;
};

}  // namespace common
