#pragma once

#include <vector>

#include "common/kafka/partition_offsets.h"
#include "consumer/lane/records.h"

namespace consumer {

/// The partitions of a topic on which a transaction is open, and those without one.
struct OpenPartitions {
  std::vector<Partition> clean = {};
  common::kafka::PartitionOffsets open = {};  ///< Where the first open transaction begins.

  /// Compares the ends of the logs with the stable ones, which were looked up later: records that
  /// have come in between do not count. Omits a partition that lacks either. Pure.
  static OpenPartitions Compare(const common::kafka::PartitionOffsets& ends,
                                const common::kafka::PartitionOffsets& stable_ends) {
    OpenPartitions found;
    for (const auto& [partition, stable] : stable_ends) {
      const auto end = ends.find(partition);
      if (end == ends.end()) continue;
      if (stable < end->second) {
        found.open[partition] = stable;
      } else {
        found.clean.push_back(partition);
      }
    }
    return found;
  }
};

}  // namespace consumer
