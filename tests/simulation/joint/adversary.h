#pragma once

#include <cstdint>

#include "tests/simulation/joint/scenario.h"

namespace simulation::joint {

/// A scenario that the seed chooses: faults of consumers, of ingest, or mostly of both, and tactics
/// for copies of one delivery that come hours apart.
[[nodiscard]] Scenario MakeScenario(std::uint64_t seed);

}  // namespace simulation::joint
