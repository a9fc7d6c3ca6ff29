#pragma once

#include "tests/simulation/explore.h"

namespace simulation::intake {

/// The same with histories of ingest.
[[nodiscard]] int Explore(const ExploreOptions& options);

}  // namespace simulation::intake
