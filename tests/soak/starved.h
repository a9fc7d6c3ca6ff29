#pragma once

#include "tests/harness/fault.h"
#include "tests/soak/callback_writer.h"
#include "tests/soak/run.h"

namespace soak {

/// The data of a run of `starved` that its verdict needs.
struct StarvedRun {
  Run& run;
  int copies = 1;
  int callbacks = 0;
  tests::FaultSchedule faults{};
  int revived = 0;  ///< Instances that exited by themselves and were restarted.
};

/// True if every instance is ready. Restarts instances that have exited by themselves.
[[nodiscard]] bool IsAtWork(Run& run, int& revived);

}  // namespace soak
