#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/domain/offset_metadata.h"

namespace ctl {

/// What is known of a partition of `callbacks` and of the group's offset there.
struct OffsetFacts {
  std::int64_t offset = 0;
  common::OffsetMetadata metadata{};
  std::int64_t begin = 0;  ///< Of the log; both looked up after the offset.
  std::int64_t end = 0;
  int partitions = 0;  ///< Of the topic.
  /// The time of the record that the metadata names. None: it is gone, or could not be read.
  std::optional<common::WallTime> last_time{};
};

/// Clauses that say how the offset does not fit the log. Pure.
[[nodiscard]] std::vector<std::string> FindMisfits(const OffsetFacts& facts);

}  // namespace ctl
