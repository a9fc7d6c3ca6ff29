#pragma once

#include <cstdint>

#include "tests/simulation/cluster/partition_log.h"

namespace simulation {

/// Tells the judges of events on the brokers, at the moment when they happen.
class ClusterWatch {
 public:
  virtual ~ClusterWatch() = default;
  /// Records were written, not yet visible.
  virtual void Written(Place place, const Entry& entry) = 0;
  /// A control record has ended it: `entry.fate` is final.
  virtual void Ended(Place place, const Entry& entry) = 0;
  /// The transaction coordinator has decided.
  virtual void Decided(std::uint64_t transaction, bool is_commit) = 0;
  /// The group's offset of a partition is now that.
  virtual void OffsetCommitted(int partition, const Committed& committed) = 0;
};

}  // namespace simulation
