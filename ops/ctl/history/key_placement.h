#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "common/domain/partition.h"

namespace ctl {

/// Judges whether the records of a topic lie where their keys belong: murmur2 of the key modulo the
/// number of partitions. That number may have grown. Along a partition's log it only grows, and
/// most records from before lie elsewhere by the number of today. So a record is misplaced if
///
///   * the number of today does not explain it, and
///   * no smaller one does that is at least the smallest which explains all records before it, or fewer
///     than one record in 12 so far has needed such a number.
///
/// A misplaced record among the first 12 of a partition, or soon after partitions were added, may
/// therefore go unnoticed. By chance, one partition in 4,000 that had half as many beside it names
/// records from before.
///
/// Order:  by offset within a partition. The log may be read from anywhere.
/// Memory: some 60 bytes for each partition.
class KeyPlacement {
 public:
  /// Precondition: partitions > 0.
  explicit KeyPlacement(int partitions) : partitions_(partitions) {}

  /// `hash`: common::Murmur2() of the key.
  [[nodiscard]] bool IsMisplaced(common::Partition partition, std::uint32_t hash);
  [[nodiscard]] int partitions() const { return partitions_; }

 private:
  struct Log {
    int least = 0;  ///< The smallest number that explains all records so far.
    std::int64_t records = 0;
    std::int64_t older =
        0;  ///< Records that a smaller number explains, and that of today does not.
  };

  int partitions_;
  std::map<common::Partition, Log> logs_;
};

/// "its key belongs to partition 5 of 12"
[[nodiscard]] std::string RightPlace(std::uint32_t hash, int partitions);

}  // namespace ctl
