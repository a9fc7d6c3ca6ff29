#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/domain/offset.h"
#include "common/domain/offset_metadata.h"

namespace ctl {

/// A partition of `callbacks`, and the group's offset there.
struct OffsetFacts {
  common::Offset offset{};
  common::OffsetMetadata metadata{};
  common::Offset begin{};  ///< Of the log; both looked up after the offset.
  common::Offset end{};
  int partitions = 0;  ///< Of the topic.
  /// The times of the records that are at the offsets of the metadata's witnesses. Absent: it is
  /// gone, or could not be read.
  std::map<common::Offset, common::WallTime> times{};
};

/// Clauses that say how the offset does not fit the log. Pure.
[[nodiscard]] std::vector<std::string> FindMisfits(const OffsetFacts& facts);

}  // namespace ctl
