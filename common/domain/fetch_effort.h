#pragma once

#include <chrono>

namespace common {

/// What a fetch took.
struct FetchEffort {
  /// HTTP attempts, all resources together, without token requests.
  int attempts = 0;
  /// From the first attempt to the end, waits between attempts included.
  std::chrono::milliseconds elapsed{};
};

}  // namespace common
