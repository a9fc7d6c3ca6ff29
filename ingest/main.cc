#include <prometheus/registry.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <exception>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "common/admin/admin_server.h"
#include "common/base/deadline.h"
#include "common/config/environment.h"
#include "common/config/program_options.h"
#include "common/http/server.h"
#include "common/kafka/client_config.h"
#include "common/runtime/program.h"
#include "common/runtime/shutdown.h"
#include "common/runtime/standard_streams.h"
#include "common/telemetry/log.h"
#include "ingest/acceptance/acceptance.h"
#include "ingest/acceptance/deadline_ticker.h"
#include "ingest/acceptance/request_ids.h"
#include "ingest/config.h"
#include "ingest/credentials.h"
#include "ingest/descriptors.h"
#include "ingest/events.h"
#include "ingest/http/callback_endpoint.h"
#include "ingest/http/server_responses.h"
#include "ingest/kafka/callback_producer.h"
#include "ingest/kafka/callbacks_topic.h"
#include "ingest/policy/drain.h"
#include "ingest/spool/spooling_sink.h"
#include "ingest/spool/sqlite_spool.h"

namespace ingest {
namespace {

using common::Deadline;
using common::config::kExitCannotRun;
using common::config::kExitStopped;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kDrainStep{50};

static_assert(kLongestAnswerDeadline + common::http::kTimerGrain <= seconds(9),
              "senders wait for 10 s, and requests and answers are under way for a while, too");

/// Before the ports are opened: so long may the disk take. They answer within 5 s of the start.
constexpr seconds kTimeToOpenSpool{2};

std::uint64_t RandomNumber() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

ProducerSettings ProducerSettingsOf(const Config& config, const LoadBounds& bounds) {
  LoadBounds with_replay = bounds;
  if (config.spool) {
    with_replay.max_requests += ReplayPlan::kMostRecords;
    with_replay.max_bytes += ReplayPlan::kMostBytes;
  }
  return {.topic = config.topics.callbacks,
          .operator_properties = config.kafka,
          .bounds = with_replay,
          .max_body = config.max_body,
          .max_head = config.max_head};
}

SqliteSpool::Options SpoolOptionsOf(const SpoolConfig& spool, const Config& config,
                                    const LoadBounds& bounds) {
  return {.database = {.path = spool.path},
          .bounds = {.max_bytes = spool.max_bytes,
                     .min_free_disk = spool.min_free_disk,
                     .max_body = config.max_body},
          .queue = bounds,
          .free_disk = FreeDiskAt(spool.path)};
}

/// How long a request waits for its outcome. Without a spool Kafka alone decides; with one there
/// must be time left to commit, and some to answer when it does not.
milliseconds LongestWait(const Config& config) {
  if (!config.spool) return config.ack_deadline;
  return config.ack_deadline + (config.answer_deadline - config.ack_deadline) * 7 / 8;
}

common::http::ServerOptions ServerOptionsOf(const Config& config, std::uint64_t connections) {
  common::http::ServerOptions options;
  options.host = config.listen.host;
  options.port = config.listen.port;
  options.threads = config.threads;
  options.max_head = config.max_head;
  options.max_body = config.max_body;
  options.max_connections = static_cast<std::size_t>(connections);
  options.header_timeout = config.header_timeout;
  options.body_timeout = config.body_timeout;
  options.idle_timeout = config.idle_timeout;
  options.answer_deadline = config.answer_deadline;
  return options;
}

void ReportWhatDeservesAWarning(const Config& config, Events& events) {
  for (std::size_t row = 0; row < config.credentials.size(); ++row) {
    // `unknown` has those of all the others.
    if (row == common::ProviderTable::kUnknown || !config.credentials[row].empty()) continue;
    events.ProviderHasNoCredentials(config.credential_sources[row].provider);
  }
}

/// `max_connections`, or as many as the limit of descriptors allows.
std::uint64_t ConnectionsAllowed(const Config& config, Events& events) {
  const auto wanted = static_cast<std::uint64_t>(config.max_connections);
  const std::uint64_t limit = RaiseDescriptorLimit();
  const std::uint64_t allowed = ConnectionsWithin(limit, wanted);
  if (limit < 2 * wanted) events.FewDescriptors(limit, 2 * wanted, allowed);
  return allowed;
}

/// Waits for Kafka as long as what waits leaves the spool time before `answered`.
void AwaitKafka(common::http::Server& server, const Acceptance& acceptance, Deadline answered,
                milliseconds longest_spooling) {
  while (true) {
    const auto now = Deadline::Clock::now();
    const auto latest = answered.at() - TimeToSpool(acceptance.load(), longest_spooling);
    if (now >= latest || server.WaitDrained(Deadline(std::min(latest, now + kDrainStep)))) return;
  }
}

/// Serves until a stop is asked for, then drains; the exit status.
int Serve(const Config& config, const common::Logger& log, common::Shutdown& shutdown) {
  // Construct, in the order of dependence.
  const auto registry = std::make_shared<prometheus::Registry>();
  Events events(config.providers, *registry, log);
  ReportWhatDeservesAWarning(config, events);
  const std::uint64_t connections = ConnectionsAllowed(config, events);
  const auto cannot_run = [&](const std::string& why) {
    events.CannotRun(why);
    return kExitCannotRun;
  };

  // Who may hand in callbacks.
  CredentialStore credentials(config.credential_sources, config.credentials);

  // Where callbacks become durable.
  const LoadBounds bounds{.max_requests = static_cast<std::size_t>(config.max_in_flight),
                          .max_bytes = config.max_in_flight_bytes};
  const auto largest = static_cast<std::int64_t>(config.max_body + config.max_head);
  CallbackProducer producer(ProducerSettingsOf(config, bounds),
                            CheckOfTopic(config.topics.callbacks, largest), log, events);

  // Where those wait that Kafka does not take in time and their sender will not send again.
  std::unique_ptr<SqliteSpool> spool;
  std::optional<SpoolingSink> spooling;
  if (config.spool) {
    spool = std::make_unique<SqliteSpool>(SpoolOptionsOf(*config.spool, config, bounds), events);
    spooling.emplace(config.providers, config.ack_deadline, producer, *spool, events);
  }
  CallbackSink& sink = spooling ? static_cast<CallbackSink&>(*spooling) : producer;

  // The requests between the two, each with its deadline.
  RequestIds ids(RandomNumber(), RandomNumber());
  ServerResponses responses(config.providers);
  Acceptance acceptance({.bounds = bounds, .ack_deadline = LongestWait(config)}, sink, responses,
                        ids, events);
  if (spooling) spooling->Attach(acceptance);
  const DeadlineTicker ticker([&](auto now) {
    if (spooling) spooling->ExpireUntil(now);
    if (spool) spool->WatchDisk();
    acceptance.ExpireUntil(now);
    events.PassTime(now);
  });
  StorageListener& listener = spooling ? static_cast<StorageListener&>(*spooling) : acceptance;
  if (const auto started = producer.Start(listener); !started) {
    return cannot_run(started.error().detail);
  }

  // Who sends once must not meet a spool that is only about to be opened.
  if (spool) {
    spool->Start(acceptance, producer, [&producer] { return producer.partitions(); });
    spool->AwaitFirstTry(Deadline::After(kTimeToOpenSpool));
  }

  // The two ports.
  std::atomic<bool> has_awaited_kafka = false;
  std::atomic<bool> is_draining = false;
  const auto readiness = [&]() -> common::admin::ReadinessNow {
    if (is_draining) return std::vector<std::string>{"draining"};
    const bool has_kafka = !producer.WhyAway();
    const bool has_spool = spool && spool->HasRoom();
    std::vector<std::string> missing;
    if (!has_kafka) missing.emplace_back("kafka");
    if (spool && !has_spool) missing.emplace_back("spool");
    return {has_kafka || (has_spool && has_awaited_kafka), std::move(missing)};
  };
  const auto admin = common::admin::AdminServer::Start(
      {.host = config.admin.host, .port = config.admin.port}, registry, readiness);
  if (!admin) return cannot_run(admin.error().detail);
  CallbackEndpoint endpoint(config.path_prefix, config.providers, credentials, acceptance, events);
  common::http::ServerOptions server_options = ServerOptionsOf(config, connections);
  server_options.watch = {.event = producer.report_event().get(),
                          .on_event = [&producer] { producer.TakeReports(); }};
  const auto started = common::http::Server::Start(server_options, endpoint);
  if (!started) return cannot_run(started.error().detail);
  common::http::Server& server = **started;
  responses.Attach(server);
  events.Listening(server.port(), (*admin)->port());

  // Run until a stop is asked for; SIGHUP reads the secret files again. Callbacks are answered from
  // the first moment on, by the rules for an absent Kafka until it has been seen.
  shutdown.OnHangup([&] { credentials.Reload(events); });
  const auto contact = producer.AwaitFirstContact(Deadline::After(seconds(5)), shutdown.token());
  has_awaited_kafka = true;
  const bool can_run = contact != CallbackProducer::FirstContact::kRefused;
  if (can_run) shutdown.Wait();

  // Drain: balancers first, then the connections, then what they wait for.
  const auto stopped_at = Deadline::Clock::now();
  is_draining = true;
  events.DrainStarted();
  if (can_run) std::this_thread::sleep_for(config.drain_delay);
  server.BeginDrain();
  const Deadline answered(can_run ? stopped_at + config.drain_delay + config.answer_deadline
                                  : stopped_at + seconds(1));
  if (spooling) {
    AwaitKafka(server, acceptance, answered, config.answer_deadline * 3 / 4);
    spooling->GiveUpOnKafka();
  }
  server.WaitDrained(answered);
  acceptance.Close();
  const bool is_drained = server.WaitDrained(Deadline::After(milliseconds(200)));
  const std::size_t unsent = producer.Close(Deadline::After(milliseconds(500)));
  const bool is_spool_closed = !spool || spool->Close(Deadline::After(milliseconds(500)));
  const bool is_reloaded = shutdown.EndHangups(Deadline::After(milliseconds(100)));
  int status = kExitStopped;
  if (can_run) {
    events.Stopped(is_drained, unsent);
  } else {
    status = cannot_run("the topics are not as they must be; see topic.refused above");
  }
  // Nothing waits for an answer any more; only a disk, or a secret file, has not answered yet.
  if (!is_spool_closed || !is_reloaded) std::_Exit(status);
  return status;
}

int Main(const std::vector<std::string_view>& arguments) {
  const auto read = [](const std::string& yaml) {
    return ReadConfig(yaml, common::config::ProcessEnvironment(),
                      common::kafka::FindPropertyMistake);
  };
  return common::RunProgram("ingest", arguments, read, FindMissing, Serve);
}

}  // namespace
}  // namespace ingest

int main(int argc, char** argv) {
  common::OpenStandardStreams();
  try {
    return ingest::Main({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    common::Logger("ingest").Error("ingest.cannot_run", {{"why", error.what()}});
    return common::config::kExitCannotRun;
  }
}
