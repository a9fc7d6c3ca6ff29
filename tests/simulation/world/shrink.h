#pragma once

#include "tests/simulation/world/scenario.h"

namespace simulation {

/// The scenario with as few actions as still fail, within so many runs. Precondition: it fails.
[[nodiscard]] Scenario Shrink(Scenario scenario, int runs);

}  // namespace simulation
