#pragma once

#include "tests/soak/run.h"

namespace soak {

/// The verdict of the operator's own tool on everything since the run began: sluicectl audit
/// --deep. Keeps its report in the run's file `audit.txt` and tells the summary. Fails the run if
/// it finds something.
void AuditAll(Run& run);

}  // namespace soak
