#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include "tests/simulation/runtime/random.h"
#include "tests/simulation/world/scenario.h"

namespace simulation {

/// Actions that are dangerous together, from a time on.
using Tactic = std::vector<Action> (*)(Random& random, std::chrono::milliseconds at);

/// Each is aimed at a moment on which a guard rests: tactics.cc says which.
[[nodiscard]] const std::vector<Tactic>& Tactics();

[[nodiscard]] std::chrono::milliseconds Between(Random& random, int low_ms, int high_ms);

}  // namespace simulation
