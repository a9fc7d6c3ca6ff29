#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "consumer/lane/committer.h"
#include "consumer/lane/records.h"
#include "consumer/state/dedup_table.h"

namespace consumer {

/// Counts the assignments (and new beginnings) of a lane; what belongs to an older one is dropped.
using Epoch = std::uint64_t;

struct RestoredPartition {
  Epoch epoch = 0;
  Partition partition = 0;
  Offset start = 0;  ///< Where reading begins: the committed offset, or the log's start.
  DedupTable table;
  std::chrono::steady_clock::duration elapsed{};
};

/// Rebuilds the state of partitions from Kafka, beside the lane.
///
/// Threads: called by the lane; works on a thread of its own.
class Restorer {
 public:
  virtual ~Restorer() = default;

  /// Readable when TakeRestored() or TakeEnds() has something.
  [[nodiscard]] virtual int fd() const = 0;

  /// Each partition is handed over as soon as it is complete. Replaces what was asked for before;
  /// an empty list only stops that.
  virtual void Restore(std::vector<Partition> partitions, Epoch epoch) = 0;
  [[nodiscard]] virtual std::vector<RestoredPartition> TakeRestored() = 0;

  /// Ends of the log of `callbacks`, looked up every few seconds for the partitions last asked for.
  [[nodiscard]] virtual std::vector<PartitionOffset> TakeEnds() = 0;
};

}  // namespace consumer
