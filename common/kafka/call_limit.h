#pragma once

#include <algorithm>
#include <chrono>
#include <limits>

#include "common/base/deadline.h"

namespace common::kafka {

/// For how many milliseconds a call of librdkafka may block. Never 0, which some calls take for "do
/// not wait" and others refuse.
[[nodiscard]] inline int CallLimit(Deadline deadline) {
  return static_cast<int>(std::clamp<std::chrono::milliseconds::rep>(
      deadline.Remaining().count(), 1, std::numeric_limits<int>::max()));
}

}  // namespace common::kafka
