#pragma once

#include <optional>

#include "common/telemetry/log.h"
#include "consumer/kafka/client_settings.h"
#include "consumer/lane/forgotten_watch.h"
#include "consumer/lane/restorer.h"
#include "consumer/state/transaction_evidence.h"

namespace consumer {

/// Tells an operator what a partition waits for, and what can be done.
void LogStuck(const common::Logger& log, const ClientSettings& settings, const StuckRestore& stuck);

/// The same of a transaction that stands open, restored or not. `name`: as its first record says.
void LogForgotten(const common::Logger& log, const ClientSettings& settings,
                  const ForgottenWatch::Standing& standing,
                  const std::optional<TransactionName>& name);

}  // namespace consumer
