#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "common/base/rfc3339.h"

namespace soak {

/// Something of which it depends who reads a partition.
struct HistoryEvent {
  enum class Kind {
    kMoment,    ///< Something was done to an instance: `name` says what.
    kStopped,   ///< Instance `name` has no partition any more.
    kRestored,  ///< Instance `name` reads the partition.
  };
  common::WallTime at{};
  Kind kind = Kind::kMoment;
  std::string name;
  int partition = -1;
};

/// By what was done: how long the partition stood still that stood still longest, for each time that
/// it was done, the shortest first.
[[nodiscard]] std::map<std::string, std::vector<std::chrono::milliseconds>> FindStandstills(
    std::vector<HistoryEvent> history);

/// "joins                    20 times: p50  1003 ms, max  2100 ms"
[[nodiscard]] std::string DescribeStandstills(const std::string& name,
                                              const std::vector<std::chrono::milliseconds>& times);

}  // namespace soak
