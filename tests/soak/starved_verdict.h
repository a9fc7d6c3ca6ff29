#pragma once

#include "tests/soak/starved.h"

namespace soak {

/// Waits until everything is handled, by consumer alone if it can, else with sluicectl, and judges
/// from the topics alone. What is missing on a partition that stands is held up, not lost. Writes
/// the verdict into the file `verdict` of the run.
void JudgeStarved(StarvedRun& starved);

}  // namespace soak
