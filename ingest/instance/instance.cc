#include "ingest/instance/instance.h"

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "common/admin/liveness.h"
#include "common/base/deadline.h"
#include "common/config/environment.h"
#include "common/config/program_options.h"
#include "common/runtime/service_watchdog.h"
#include "ingest/descriptors.h"
#include "ingest/events.h"
#include "ingest/instance/fresh_metrics.h"
#include "ingest/reload_secrets.h"

namespace ingest {
namespace {

using common::Deadline;
using common::config::kExitCannotRun;
using common::config::kExitStopped;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kFirstContact{5};
constexpr milliseconds kDrainStep{50};
constexpr milliseconds kLastAnswers{200};
/// For clients that connect although the instance cannot run.
constexpr seconds kShortDrain{1};
constexpr milliseconds kLongestReload{100};
/// Beside the time for answers: kLastAnswers, Durability::kLongestClose, and as much again for
/// destructors.
constexpr seconds kLongestEnd{2};
constexpr seconds kLongestDestruction{1};
/// No call that an HTTP thread makes takes this long: senders wait for 10 s.
constexpr seconds kLongestTurn{10};

static_assert(kLongestAnswerDeadline + common::http::kTimerGrain <= seconds(9),
              "senders wait for 10 s, which includes transmitting request and answer");

std::uint64_t RandomNumber() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

/// How long a request may wait for its outcome. Without a spool Kafka alone decides. With one, time
/// must remain to commit, and to answer if the commit fails.
milliseconds LongestWait(const Config& config) {
  if (!config.spool) return config.ack_deadline;
  return config.ack_deadline + (config.answer_deadline - config.ack_deadline) * 7 / 8;
}

/// The bytes that bodies of unknown senders may hold together; enough for one body at least. They
/// come on top of `max_in_flight_bytes`, so unknown senders take nothing from others.
std::size_t UnverifiedShare(const Config& config) {
  return std::max(config.max_in_flight_bytes / 16, config.max_body + config.max_head);
}

/// `max_connections`, or fewer if the descriptor limit is too low.
std::uint64_t ConnectionsAllowed(const Config& config, Events& events) {
  const auto wanted = static_cast<std::uint64_t>(config.max_connections);
  const std::uint64_t limit = RaiseDescriptorLimit();
  const std::uint64_t allowed = ConnectionsWithin(limit, wanted, common::http::kReserve);
  const std::uint64_t needed = DescriptorsFor(wanted);
  if (limit < needed) events.FewDescriptors(limit, needed, allowed);
  return allowed;
}

/// A connection has one request at a time. Shares of more than all connections would never be
/// full: each row would be refused at the last connection, whatever its class.
LoadBounds BoundsWithin(const Config& config, std::uint64_t connections) {
  LoadBounds bounds = config.load_bounds();
  bounds.max_requests = std::min<std::size_t>(bounds.max_requests, connections);
  return bounds;
}

common::http::ServerOptions ServerOptionsOf(const Config& config, Durability& durability,
                                            std::uint64_t connections) {
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
  options.watch = {.event = durability.report_event().get(),
                   .on_event = [&durability] { durability.PollReports(); }};
  return options;
}

void ReportWhatDeservesAWarning(const Config& config, Events& events) {
  for (std::size_t row = 0; row < config.credentials.size(); ++row) {
    // `unknown` accepts the secrets of all other rows.
    if (row == common::ProviderTable::kUnknown || !config.credentials[row].empty()) continue;
    events.ProviderHasNoCredentials(config.credential_sources[row].provider);
  }
}

}  // namespace

common::Result<std::unique_ptr<Instance>> Instance::Open(const Config& config,
                                                         Durability& durability, Events& events,
                                                         Durability* announcements,
                                                         RequestTraces* traces) {
  ReportWhatDeservesAWarning(config, events);
  const std::uint64_t connections = ConnectionsAllowed(config, events);
  auto server = common::http::Server::Open(ServerOptionsOf(config, durability, connections));
  if (!server) return server.error();
  return std::unique_ptr<Instance>(new Instance(config, BoundsWithin(config, connections),
                                                *std::move(server), durability, events,
                                                announcements, traces));
}

Instance::Instance(const Config& config, const LoadBounds& bounds,
                   std::unique_ptr<common::http::Server> server, Durability& durability,
                   Events& events, Durability* announcements, RequestTraces* traces)
    : config_(config),
      bounds_(bounds),
      durability_(durability),
      events_(events),
      server_(std::move(server)),
      credentials_(config.credential_sources, config.credentials),
      ids_(RandomNumber(), RandomNumber()),
      responses_(config.providers, *server_, traces),
      acceptance_({.bounds = bounds, .ack_deadline = LongestWait(config)}, durability.sink(),
                  responses_, ids_, events),
      endpoint_(config.path_prefix, config.providers, credentials_, acceptance_, events,
                UnverifiedShare(config), traces) {
  if (!config.expected || announcements == nullptr) return;
  expected_.emplace(config, *announcements, *server_, endpoint_, ids_, events,
                    [this] { return MustShedAnnouncements(); });
}

/// Once the first class of callbacks is about to be shed.
bool Instance::MustShedAnnouncements() const { return !HasRoomForAll(acceptance_.load(), bounds_); }

Instance::~Instance() { (void)Abort(); }

bool Instance::Abort() {
  server_->Stop();
  if (expected_) expected_->Close(Deadline::After(milliseconds(0)));
  return !std::exchange(is_durability_open_, false) ||
         durability_.Close(Deadline::After(Durability::kLongestClose)).has_ended;
}

common::Result<void> Instance::Start(std::shared_ptr<const prometheus::Collectable> metrics) {
  is_durability_open_ = true;
  if (auto started = durability_.Start(acceptance_); !started) return started;

  if (expected_) {
    if (auto started = expected_->Start(); !started) return started;
  }
  // After both have started: it uses their listeners.
  ticker_.emplace([this](auto now) {
    durability_.PassTime(now);
    acceptance_.ExpireUntil(now);
    if (expected_) expected_->PassTime(now);
    events_.PassTime(now);
  });

  if (metrics) {
    metrics = std::make_shared<FreshMetrics>(std::move(metrics), [this] { RefreshGauges(); });
  }
  auto admin =
      common::admin::AdminServer::Start({.host = config_.admin.host,
                                         .port = config_.admin.port,
                                         .ready_metric = "sluice_ingest_ready"},
                                        std::move(metrics),
                                        [this]() -> common::admin::ReadinessNow {
                                          auto [is_ready, missing] = readiness();
                                          return {is_ready, std::move(missing)};
                                        },
                                        {{"GET", "/livez", [this](const auto&, std::string_view) {
                                            return common::admin::LivenessAnswer(FindStalledPart());
                                          }}});
  if (!admin) return admin.error();
  admin_ = *std::move(admin);
  common::http::Service& service =
      expected_ ? static_cast<common::http::Service&>(expected_->routes()) : endpoint_;
  if (auto serving = server_->Serve(service); !serving) return serving;
  is_serving_ = true;
  events_.Listening(server_->port(), admin_->port());
  return {};
}

bool Instance::AwaitKafka(const std::stop_token& stop) {
  const bool can_run = durability_.AwaitFirstContact(Deadline::After(kFirstContact), stop);
  phase_ = Phase::kServing;
  return can_run;
}

Instance::Drained Instance::Drain(milliseconds delay, milliseconds answers,
                                  const std::function<void()>& end_traces) {
  const auto stopped_at = Deadline::Clock::now();
  phase_ = Phase::kDraining;
  events_.DrainStarted();
  std::this_thread::sleep_for(delay);
  server_->BeginDrain();
  AwaitAnswers(Deadline(stopped_at + delay + answers));
  acceptance_.Close();
  if (expected_) expected_->AnswerAll();
  const bool all_answered = server_->WaitDrained(Deadline::After(kLastAnswers));
  is_durability_open_ = false;
  // All at once: each may wait for another network.
  const std::jthread ending_traces([&] {
    if (end_traces) end_traces();
  });
  const std::jthread closing([this] {
    if (expected_) expected_->Close(Deadline::After(milliseconds(0)));
  });
  return {.all_answered = all_answered,
          .durability = durability_.Close(Deadline::After(Durability::kLongestClose))};
}

/// Waits for Kafka only as long as the waiting callbacks can still be stored without it before
/// `answered`.
void Instance::AwaitAnswers(Deadline answered) {
  while (true) {
    const auto now = Deadline::Clock::now();
    const auto latest = answered.at() - durability_.TimeWithoutKafka(acceptance_.load());
    if (now >= latest || server_->WaitDrained(Deadline(std::min(latest, now + kDrainStep)))) break;
  }
  durability_.GiveUpOnKafka();
  server_->WaitDrained(answered);
}

void Instance::ReloadSecrets() {
  std::vector<CredentialStore*> stores{&credentials_};
  if (expected_) stores.push_back(&expected_->credentials());
  if (ingest::ReloadSecrets(stores, secret_reads_, events_)) events_.SecretsReloaded();
}

ReadinessVerdict Instance::readiness() const {
  return JudgeReadiness(phase_, durability_.health());
}

/// A spool that hangs does not count: a restart would not mend its disk (ADR 0008).
std::optional<std::string> Instance::FindStalledPart() const {
  if (!is_serving_) return std::nullopt;
  if (server_->LongestTurn() > kLongestTurn) return "an HTTP thread makes no progress";
  if (ticker_->SinceLastTick() > kLongestTurn)
    return "the thread of the deadlines makes no progress";
  return std::nullopt;
}

void Instance::RefreshGauges() {
  events_.KafkaIs(durability_.health().takes_kafka);
  events_.InFlight(acceptance_.load().requests);
  events_.PassTime(Deadline::Clock::now());
}

milliseconds LongestStop(const Config& config) {
  return config.drain_delay + config.answer_deadline + kLongestEnd;
}

int RunInstance(const Config& config, std::shared_ptr<const prometheus::Collectable> metrics,
                Durability& durability, Events& events, const common::Logger& log,
                common::Shutdown& shutdown, const Extras& extras) {
  // Nothing is lost: every request is answered by then, and 200 only if its callback is durable.
  const auto limit_stop = [&](int status, milliseconds longest) {
    shutdown.LimitStop(longest, [&log, status] {
      log.Warn("ingest.stop_cut_short", {{"status", status}});
      std::_Exit(status);
    });
  };
  limit_stop(kExitStopped, LongestStop(config));
  const auto give_up = [&] {
    limit_stop(kExitCannotRun, LongestStop(config));
    shutdown.Request();
  };
  const auto cannot_run = [&](std::string_view why) {
    give_up();
    events.CannotRun(why);
    return kExitCannotRun;
  };
  const auto opened =
      Instance::Open(config, durability, events, extras.announcements, extras.traces);
  if (!opened) return cannot_run(opened.error().detail);
  Instance& instance = **opened;
  if (const auto started = instance.Start(std::move(metrics)); !started) {
    const int status = cannot_run(started.error().detail);
    if (!instance.Abort()) std::_Exit(status);
    return status;
  }
  const common::ServiceWatchdog watchdog(
      common::FindWatchdogRequest(common::config::ProcessEnvironment(), ::getpid()),
      [&] { return instance.FindStalledPart(); }, log);
  shutdown.OnHangup([&] { instance.ReloadSecrets(); });
  const bool can_run = instance.AwaitKafka(shutdown.token());
  if (can_run) {
    shutdown.Wait();
  } else {
    give_up();
  }

  const auto stopped_at = Deadline::Clock::now();
  const auto [all_answered, closing] =
      can_run ? instance.Drain(config.drain_delay, config.answer_deadline, extras.end_traces)
              : instance.Drain(milliseconds(0), kShortDrain, extras.end_traces);
  const bool is_reloaded = shutdown.EndHangups(Deadline::After(kLongestReload));
  int status = kExitStopped;
  if (can_run) {
    events.Stopped(all_answered, closing.unsent);
  } else {
    status = cannot_run("the topics would break a promise; see topic.refused above");
  }
  // All requests are answered. Only a disk, a secret file or a call of librdkafka blocks a thread.
  if (!closing.has_ended || !is_reloaded) std::_Exit(status);
  // librdkafka waits for its name server, whose answer nobody needs any more.
  const auto took = std::chrono::ceil<milliseconds>(Deadline::Clock::now() - stopped_at);
  limit_stop(status, std::min(LongestStop(config), took + kLongestDestruction));
  return status;
}

}  // namespace ingest
