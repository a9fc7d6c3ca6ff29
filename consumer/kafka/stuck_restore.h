#pragma once

#include "common/telemetry/log.h"
#include "consumer/kafka/client_settings.h"
#include "consumer/lane/restorer.h"

namespace consumer {

/// Tells an operator what a partition waits for, and what can be done.
void LogStuck(const common::Logger& log, const ClientSettings& settings, const StuckRestore& stuck);

}  // namespace consumer
