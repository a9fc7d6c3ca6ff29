#include "ingest/instance/serve.h"

#include <prometheus/registry.h>

#include <chrono>
#include <optional>
#include <string>

#include "common/build/commit.h"
#include "common/curl/curl_global.h"
#include "common/telemetry/program_info.h"
#include "common/trace_export/tracing.h"
#include "common/tracing/sampler.h"
#include "common/tracing/trace_context.h"
#include "ingest/events.h"
#include "ingest/instance/expected_durability.h"
#include "ingest/instance/instance.h"
#include "ingest/instance/kafka_durability.h"
#include "ingest/instance/spooled_durability.h"
#include "ingest/tracing/callback_traces.h"

namespace ingest {
namespace {

/// The parts of tracing. Precondition: it is on.
struct Traces {
  Traces(const Config& config, prometheus::Registry& registry, const common::Logger& log)
      : exporter(*config.tracing, "sluice_ingest_spans_total", registry, log),
        requests({.sampler = common::tracing::Sampler(config.tracing->ratio,
                                                      config.tracing->follows_parent),
                  .slower_than = config.tracing->slower_than,
                  .route = config.path_prefix + "/{provider}",
                  .topic = config.topics.callbacks},
                 config.providers, exporter.sink(),
                 {.seed = common::tracing::RandomSeed(), .now = std::chrono::system_clock::now}) {}

  const common::CurlGlobal curl;  // Before there are other threads.
  common::tracing::Tracing exporter;
  CallbackTraces requests;
};

}  // namespace

std::unique_ptr<Durability> MakeDurability(const Config& config, const common::Logger& log,
                                           Events& events) {
  if (config.spool) return std::make_unique<SpooledDurability>(config, log, events);
  const LoadBounds nothing_replayed{.max_requests = 0, .max_bytes = 0};
  return std::make_unique<KafkaDurability>(config, nothing_replayed, log, events);
}

int Serve(const Config& config, std::string_view yaml, const common::Logger& log,
          common::Shutdown& shutdown) {
  const auto registry = std::make_shared<prometheus::Registry>();
  common::AddProgramInfo(*registry, {.version = SLUICE_VERSION,
                                     .commit = std::string(common::Commit()),
                                     .config_hash = common::ConfigHash(yaml)});
  Events events(config.providers, *registry, log);
  std::optional<Traces> traces;
  if (config.tracing) traces.emplace(config, *registry, log);
  std::optional<ExpectedDurability> announcements;
  if (config.expected) announcements.emplace(config, log, events);
  Extras extras;
  if (announcements) extras.announcements = &*announcements;
  if (traces) {
    extras.traces = &traces->requests;
    extras.end_traces = [&] { traces->exporter.Stop(); };
  }
  const std::unique_ptr<Durability> durability = MakeDurability(config, log, events);
  return RunInstance(config, registry, *durability, events, log, shutdown, extras);
}

}  // namespace ingest
