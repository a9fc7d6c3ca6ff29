#pragma once

#include <memory>
#include <string_view>

#include "common/runtime/shutdown.h"
#include "common/telemetry/log.h"
#include "ingest/config.h"
#include "ingest/instance/durability.h"

namespace ingest {

class Events;

/// Kafka alone, or with a spool behind it if the configuration has one.
///
/// Lifetime: refers to the configuration, the log and the events.
[[nodiscard]] std::unique_ptr<Durability> MakeDurability(const Config& config,
                                                         const common::Logger& log, Events& events);

/// Builds an instance with what the configuration asks for, and runs it until a stop is requested.
/// Returns the exit status. `yaml` is the text of the configuration.
///
/// Lifetime: as for RunInstance().
int Serve(const Config& config, std::string_view yaml, const common::Logger& log,
          common::Shutdown& shutdown);

}  // namespace ingest
