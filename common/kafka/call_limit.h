#pragma once

#include <algorithm>
#include <chrono>
#include <limits>

#include "common/base/deadline.h"

namespace common::kafka {

/// The time until the deadline in milliseconds, as a timeout for librdkafka. At least 1: some calls
/// take 0 for "do not wait" and others refuse it.
[[nodiscard]] inline int CallLimit(Deadline deadline) {
  return static_cast<int>(std::clamp<std::chrono::milliseconds::rep>(
      deadline.Remaining().count(), 1, std::numeric_limits<int>::max()));
}

}  // namespace common::kafka
