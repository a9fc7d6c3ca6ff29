#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "common/config/document.h"
#include "common/config/environment.h"
#include "common/tracing/tracing_settings.h"

namespace common::config {

struct TracingDefaults {
  std::string service;   ///< The default of `service.name`.
  std::string instance;  ///< `service.instance.id`. Empty: none.
  std::chrono::milliseconds slower_than{};
};

/// `tracing:` of `root`, completed from OpenTelemetry's environment variables. None: it is off,
/// since neither names an endpoint, or OTEL_SDK_DISABLED or OTEL_TRACES_EXPORTER turn it off.
///
/// A key of the file goes before a variable, and a variable of traces before one of all signals. A
/// value that OpenTelemetry does not know is ignored, as its specification asks, and named in
/// `ignored`.
[[nodiscard]] std::optional<tracing::TracingSettings> ReadTracing(const Section& root,
                                                                  const Environment& environment,
                                                                  const TracingDefaults& defaults);

}  // namespace common::config
