#pragma once

#include "common/preflight/report.h"
#include "common/telemetry/log.h"
#include "ingest/config.h"

namespace ingest {

/// Asks everything that the configuration names: Kafka, the spool's disk, and this machine. Changes
/// nothing.
///
/// Time: about 30 s at most.
[[nodiscard]] common::preflight::Report RunPreflight(const Config& config,
                                                     const common::Logger& log);

}  // namespace ingest
