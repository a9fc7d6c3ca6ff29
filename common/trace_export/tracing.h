#pragma once

#include <memory>
#include <string>

#include "common/telemetry/log.h"
#include "common/tracing/span.h"
#include "common/tracing/tracing_settings.h"

namespace prometheus {
class Registry;
}

namespace common::tracing {

/// The exporter of a program with its connection, its metric and its log lines.
///
/// Threads:  any. Destroy it after whatever offers spans: that sends the rest, within a second.
/// Lifetime: refers to the registry and the log. A CurlGlobal must outlive it.
class Tracing {
 public:
  /// `metric`: sluice_…_spans_total, which exists from here on.
  Tracing(const TracingSettings& settings, const std::string& metric,
          prometheus::Registry& registry, const Logger& log);
  ~Tracing();
  Tracing(const Tracing&) = delete;
  Tracing& operator=(const Tracing&) = delete;

  [[nodiscard]] SpanSink& sink();
  /// See SpanExporter.
  void Stop();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace common::tracing
