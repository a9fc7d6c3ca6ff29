#pragma once

namespace simulation {

/// Runs histories as the options say, tells what they found, and returns the exit status.
[[nodiscard]] int Explore(int count, char** words);

}  // namespace simulation
