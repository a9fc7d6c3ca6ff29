#pragma once

#include "common/base/rfc3339.h"
#include "tests/harness/fault.h"
#include "tests/soak/callback_writer.h"
#include "tests/soak/run.h"

namespace soak {

/// A run of `starved`, as its verdict needs it.
struct StarvedRun {
  Run& run;
  int copies = 1;
  int callbacks = 0;
  common::WallTime begun_at{};
  tests::FaultSchedule faults{};
  int revived = 0;  ///< Instances that had ended by themselves and were started again.
};

/// Whether every instance is ready; one that has ended by itself is started again.
[[nodiscard]] bool IsAtWork(Run& run, int& revived);

}  // namespace soak
