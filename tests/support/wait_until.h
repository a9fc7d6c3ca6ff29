#pragma once

#include <chrono>
#include <thread>

#include "common/base/deadline.h"

namespace tests {

/// Polls until `condition()` is true. False if it is not within `limit`.
template <typename Condition>
[[nodiscard]] bool WaitUntil(Condition condition, std::chrono::milliseconds limit,
                             std::chrono::milliseconds every = std::chrono::milliseconds(10)) {
  const auto deadline = common::Deadline::After(limit);
  while (!condition()) {
    if (deadline.HasPassed()) return false;
    std::this_thread::sleep_for(every);
  }
  return true;
}

}  // namespace tests
