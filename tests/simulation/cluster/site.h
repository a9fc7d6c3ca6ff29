#pragma once

#include <optional>

#include "tests/simulation/cluster/cluster.h"
#include "tests/simulation/runtime/runtime.h"
#include "tests/simulation/runtime/trace.h"

namespace simulation {

/// Where a world happens. Two worlds may share one.
struct Site {
  Runtime runtime;
  Trace trace;
  std::optional<Cluster> cluster;  ///< Made by whoever judges what happens there.
};

}  // namespace simulation
