#pragma once

#include <cstddef>

namespace simulation {

// Small, so that histories reach them.
inline constexpr std::size_t kMostPending = 30;
inline constexpr std::size_t kMostInBatch = 12;
inline constexpr int kMostInFlight = 8;

}  // namespace simulation
