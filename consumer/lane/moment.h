#pragma once

#include <chrono>

#include "common/base/rfc3339.h"

namespace consumer {

/// A moment by both clocks.
struct Moment {
  std::chrono::steady_clock::time_point steady{};
  common::WallTime wall{};
};

}  // namespace consumer
