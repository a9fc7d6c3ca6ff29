#pragma once

#include <chrono>
#include <cstddef>

#include "common/domain/expected_settings.h"

namespace simulation {

// Small, so that histories reach them.
inline constexpr std::size_t kMostPending = 30;
inline constexpr std::size_t kMostInBatch = 12;
inline constexpr int kMostInFlight = 8;

/// Of announced processes. Looks come soon, so that faults hit them.
[[nodiscard]] inline common::ExpectedSettings ExpectedOf() {
  return {.within = std::chrono::seconds(8), .max_wait = std::chrono::hours(1), .rate = 20};
}

}  // namespace simulation
