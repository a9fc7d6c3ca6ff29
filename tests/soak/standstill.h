#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "common/base/rfc3339.h"

namespace soak {

/// An event that affects which instance reads a partition.
struct HistoryEvent {
  enum class Kind {
    kMoment,    ///< An action on an instance; `name` says which.
    kStopped,   ///< Instance `name` has no partitions any more.
    kRestored,  ///< Instance `name` reads the partition.
  };
  common::WallTime at{};
  Kind kind = Kind::kMoment;
  std::string name;
  int partition = -1;
};

/// For each kind of action: the longest standstill of any partition after each time it was done,
/// shortest first.
[[nodiscard]] std::map<std::string, std::vector<std::chrono::milliseconds>> FindStandstills(
    std::vector<HistoryEvent> history);

/// "joins                    20 times: p50  1003 ms, max  2100 ms"
[[nodiscard]] std::string DescribeStandstills(const std::string& name,
                                              const std::vector<std::chrono::milliseconds>& times);

}  // namespace soak
