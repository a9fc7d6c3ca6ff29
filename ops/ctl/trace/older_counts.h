#pragma once

#include <set>
#include <string>
#include <vector>

#include "common/domain/partition.h"

namespace ctl {

/// Where a record of `callbacks` lies, and by which key.
struct PlacedKey {
  common::Partition partition{};
  std::string key;
};

/// Numbers of partitions that `callbacks` had before partitions were added.
struct OlderCounts {
  std::set<int> counts{};
  bool is_complete = true;  ///< False: some records lie where no smaller number puts them.
};

/// Infers them from the oldest records of each partition. Those that the number of today would put
/// elsewhere are from before: from the beginning of the log, or, in a partition that was added,
/// from when it was. A number of `known` that explains them is preferred to others. Few records may
/// fit several numbers; then all of them are told. Pure.
[[nodiscard]] OlderCounts FindOlderCounts(const std::vector<PlacedKey>& oldest, int count,
                                          const std::set<int>& known);

}  // namespace ctl
