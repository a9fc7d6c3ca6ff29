#pragma once

#include "common/preflight/report.h"
#include "common/telemetry/log.h"
#include "consumer/config.h"

namespace consumer {

/// Asks everything that the configuration names, side by side: Kafka, the token endpoint, the API,
/// and this machine. Changes nothing.
///
/// Time: about 30 s at most.
[[nodiscard]] common::preflight::Report RunPreflight(const Config& config,
                                                     const common::Logger& log);

}  // namespace consumer
