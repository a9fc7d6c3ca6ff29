#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "common/domain/offset.h"
#include "common/domain/partition.h"
#include "common/domain/record_position.h"
#include "common/kafka/partition_reader.h"

namespace ctl {

/// The offsets of a topic at which readers of committed records find one.
///
/// Memory: a bit for each offset of the extents.
class VisibleOffsets {
 public:
  explicit VisibleOffsets(const common::kafka::Extents& extents) {
    for (const auto& [partition, extent] : extents) {
      const std::int64_t size = std::max<std::int64_t>(0, extent.to - extent.from);
      marks_[partition] = {extent.from, std::vector<bool>(static_cast<std::size_t>(size))};
    }
  }
  /// Preconditions: the place is in the extents, here and below.
  void Mark(const common::RecordPosition& place) { Of(place) = true; }
  [[nodiscard]] bool Has(const common::RecordPosition& place) const {
    const Marks& marks = marks_.at(place.partition);
    return marks.bits.at(static_cast<std::size_t>(place.offset - marks.from));
  }

 private:
  struct Marks {
    common::Offset from{};
    std::vector<bool> bits{};
  };
  std::vector<bool>::reference Of(const common::RecordPosition& place) {
    Marks& marks = marks_.at(place.partition);
    return marks.bits.at(static_cast<std::size_t>(place.offset - marks.from));
  }
  std::map<common::Partition, Marks> marks_;
};

}  // namespace ctl
