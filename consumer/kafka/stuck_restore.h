#pragma once

#include <optional>

#include "common/domain/transaction_evidence.h"
#include "common/telemetry/log.h"
#include "consumer/kafka/client_settings.h"
#include "consumer/lane/forgotten_watch.h"
#include "consumer/lane/restorer.h"

namespace consumer {

/// Logs why a partition waits and what an operator can do.
void LogStuck(const common::Logger& log, const ClientSettings& settings, const StuckRestore& stuck);

/// The same for an open transaction, on a restored partition too. `name`: from its first record.
void LogForgotten(const common::Logger& log, const ClientSettings& settings,
                  const ForgottenWatch::Standing& standing,
                  const std::optional<common::TransactionName>& name);

}  // namespace consumer
