#pragma once

#include <cstdint>

#include "tests/simulation/ingest/world/scenario.h"

namespace simulation::intake {

/// A scenario that the seed chooses. Each has only some kinds of faults, often or seldom, and some
/// tactics: a few actions together, aimed at one weak moment.
[[nodiscard]] Scenario MakeScenario(std::uint64_t seed);

}  // namespace simulation::intake
