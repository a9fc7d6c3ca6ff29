#include "common/trace_export/tracing.h"

#include <chrono>
#include <random>
#include <utility>

#include "common/telemetry/log_throttle.h"
#include "common/telemetry/metrics.h"
#include "common/trace_export/curl_collector.h"
#include "common/trace_export/span_exporter.h"

namespace common::tracing {
namespace {

class ExportReporter final : public ExportEvents {
 public:
  ExportReporter(const std::string& metric, prometheus::Registry& registry, const Logger& log)
      : spans_(registry,
               {metric, "Spans by what became of them; absent unless traces are exported"},
               {{"result", {"sent", "dropped", "refused", "failed"}}}),
        log_(log) {}

  void Exported(ExportResult result, std::size_t spans) override {
    spans_.At(static_cast<std::size_t>(result)).Increment(static_cast<double>(spans));
  }
  void AttemptFailed(int status, std::string_view why) override {
    const auto suppressed = failures_.Admit();
    if (!suppressed) return;
    log_.Warn("tracing.collector_fails",
              {{"status", status}, {"why", why}, {"suppressed", *suppressed}});
  }
  void CollectorWarned(std::string_view why) override {
    const auto suppressed = warnings_.Admit();
    if (!suppressed) return;
    log_.Warn("tracing.collector_warns", {{"why", why}, {"suppressed", *suppressed}});
  }

 private:
  CounterByLabels spans_;
  const Logger& log_;
  LogThrottle failures_{std::chrono::minutes(1)};
  LogThrottle warnings_{std::chrono::minutes(1)};
};

std::function<double()> UnitRandom() {
  return [engine = std::mt19937_64(RandomSeed()),
          distribution = std::uniform_real_distribution<double>(0, 1)]() mutable {
    return distribution(engine);
  };
}

}  // namespace

struct Tracing::Parts {
  Parts(const TracingSettings& settings, const std::string& metric, prometheus::Registry& registry,
        const Logger& log)
      : reporter(metric, registry, log),
        collector({.url = settings.url,
                   .headers = settings.headers,
                   .ca_file = settings.ca_file,
                   .timeout = settings.timeout}),
        exporter({.resource = settings.resource,
                  .queue = settings.queue,
                  .queue_bytes = settings.queue * 1'024},
                 collector, reporter, {.wall_now = WallNow, .unit_random = UnitRandom()}) {}

  ExportReporter reporter;
  CurlCollector collector;
  SpanExporter exporter;  // Last: its thread uses the members above.
};

Tracing::Tracing(const TracingSettings& settings, const std::string& metric,
                 prometheus::Registry& registry, const Logger& log)
    : parts_(std::make_unique<Parts>(settings, metric, registry, log)) {
  for (const std::string& what : settings.ignored) {
    log.Warn("tracing.setting_ignored", {{"what", what}});
  }
  log.Info("tracing.started", {{"ratio", settings.ratio}, {"queue", settings.queue}});
}

Tracing::~Tracing() = default;

SpanSink& Tracing::sink() { return parts_->exporter; }

void Tracing::Stop() { parts_->exporter.Stop(); }

}  // namespace common::tracing
