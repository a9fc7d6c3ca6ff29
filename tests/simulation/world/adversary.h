#pragma once

#include <cstdint>

#include "tests/simulation/world/scenario.h"

namespace simulation {

/// A scenario that the seed chooses. Each has only some kinds of faults, often or seldom, and some
/// tactics: a few actions together, aimed at one weak moment. What is always rare together with
/// everything else is frequent in some scenarios.
[[nodiscard]] Scenario MakeScenario(std::uint64_t seed);

/// The same, and processes are announced, whose callbacks may never come. With tactics that came later
/// than the first table of mutants: its seeds stay what they are.
[[nodiscard]] Scenario MakeAnnouncedScenario(std::uint64_t seed);

}  // namespace simulation
