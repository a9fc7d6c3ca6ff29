#pragma once

#include "tests/soak/starved.h"

namespace soak {

/// Waits until everything is handled, by consumer alone or else with sluicectl, and judges by the
/// topics alone. Callbacks without a result on a stuck partition count as held up, not lost. Writes
/// the verdict to the run's file `verdict`.
void JudgeStarved(StarvedRun& starved);

}  // namespace soak
