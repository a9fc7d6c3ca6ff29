#pragma once

#include "tests/simulation/explore.h"

namespace simulation::joint {

/// The same with histories of both halves together.
[[nodiscard]] int Explore(const ExploreOptions& options);

}  // namespace simulation::joint
