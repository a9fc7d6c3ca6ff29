#pragma once

#include <string>
#include <vector>

#include "ops/ctl/trace/trace_report.h"

namespace ctl {

/// Leaves out what a person cannot look at: a provider may redeliver a callback a million times,
/// and a dossier may have any number of processes. Returns a sentence for each omission. Pure.
[[nodiscard]] std::vector<std::string> Abridge(std::vector<TraceReport>& reports);

}  // namespace ctl
