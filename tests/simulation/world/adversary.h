#pragma once

#include <cstdint>

#include "tests/simulation/world/scenario.h"

namespace simulation {

/// A scenario that the seed chooses. Each has only some kinds of faults, often or seldom, and some
/// tactics: a few actions together, aimed at one weak moment. What is always rare together with
/// everything else is frequent in some scenarios.
[[nodiscard]] Scenario MakeScenario(std::uint64_t seed);

/// Also announces processes, whose callbacks may never come. Tactics that came after the first
/// table of mutants are only here, so that the seeds of MakeScenario() keep their histories.
[[nodiscard]] Scenario MakeAnnouncedScenario(std::uint64_t seed);

}  // namespace simulation
