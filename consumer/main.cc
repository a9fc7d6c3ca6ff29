#include <prometheus/registry.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/admin/admin_server.h"
#include "common/admin/liveness.h"
#include "common/base/deadline.h"
#include "common/build/commit.h"
#include "common/config/environment.h"
#include "common/config/file_reads.h"
#include "common/config/program_options.h"
#include "common/config/secret_file.h"
#include "common/curl/curl_global.h"
#include "common/kafka/client_config.h"
#include "common/preflight/report.h"
#include "common/runtime/program.h"
#include "common/runtime/service_watchdog.h"
#include "common/runtime/shutdown.h"
#include "common/runtime/standard_streams.h"
#include "common/telemetry/log.h"
#include "common/telemetry/program_info.h"
#include "common/trace_export/tracing.h"
#include "consumer/config.h"
#include "consumer/events.h"
#include "consumer/kafka/topic_guard.h"
#include "consumer/lane_unit.h"
#include "consumer/preflight/preflight.h"
#include "consumer/secret_reload.h"
#include "consumer/stop_watchdog.h"
#include "consumer/topic_needs.h"

namespace consumer {
namespace {

using common::Deadline;
using common::config::kExitCannotRun;
using common::config::kExitStopped;
using std::chrono::seconds;

using Lanes = std::vector<std::unique_ptr<LaneUnit>>;

/// Topic faults found by then end the start; later ones hold intake.
constexpr seconds kFirstContact{15};
/// Of a secret file, after SIGHUP.
constexpr seconds kLongestRead{5};
/// After a stop request.
constexpr std::chrono::milliseconds kLongestReload{100};
/// From the stop request to the end of the process.
constexpr seconds kLongestStop{10};

std::vector<std::string> Missing(const Lanes& lanes, const TopicGuard& guard) {
  std::vector<std::string> missing;
  const auto any = [&](auto holds) {
    return std::ranges::any_of(lanes, [&](const auto& lane) { return holds(lane->status()); });
  };
  const bool is_outside = any([](const auto& lane) { return !lane.is_in_group(); });
  const bool is_stuck = any([](const auto& lane) { return lane.is_restore_stuck(); });
  const bool is_unassigned = any([](const auto& lane) { return lane.is_unassigned(); });
  const bool is_refused = any([](const auto& lane) { return lane.is_topic_refused(); });
  if (is_outside) missing.emplace_back("kafka");
  if (is_stuck) missing.emplace_back("restore");
  if (is_unassigned) missing.emplace_back("partitions");
  if (is_refused || guard.state() != TopicGuard::State::kFine) missing.emplace_back("topics");
  return missing;
}

std::optional<std::string> FindStalledPart(const Lanes& lanes) {
  const auto now = Pulse::Clock::now();
  for (const auto& lane : lanes) {
    if (const auto what = lane->FindStalledPart(now)) return std::string(*what);
  }
  return std::nullopt;
}

std::vector<std::string> NamesOf(const std::vector<common::config::Account>& accounts) {
  std::vector<std::string> names;
  names.reserve(accounts.size());
  for (const common::config::Account& account : accounts) names.push_back(account.name);
  return names;
}

std::vector<SecretFile> SecretFilesOf(const std::vector<common::config::Account>& accounts) {
  std::vector<SecretFile> files;
  files.reserve(accounts.size());
  for (const common::config::Account& account : accounts) {
    files.push_back({.account = account.name, .path = account.secret_file});
  }
  return files;
}

/// Gives every lane the secrets that are in the accounts' files now.
void ReloadSecrets(const std::vector<SecretFile>& files, common::config::FileReads& reads,
                   const Lanes& lanes, Events& events) {
  const SecretTakers takers{
      .take =
          [&](AccountIndex account, const std::string& secret) {
            for (const auto& lane : lanes) lane->ReplaceSecret(account, secret);
          },
      .keep_old = [&](std::string_view account,
                      std::string_view why) { events.SecretNotReloaded(account, why); }};
  if (ReloadSecrets(files, reads, kLongestRead, takers)) events.SecretsReloaded();
}

/// Consumes until a stop is requested. Returns the exit status.
int Consume(const Config& config, std::string_view yaml, const common::Logger& log,
            common::Shutdown& shutdown) {
  // First: bounds the destruction of the objects below, whether they ran or could not start.
  std::optional<StopWatchdog> watchdog;

  // Construct, in order of dependency.
  const common::CurlGlobal curl;
  const auto registry = std::make_shared<prometheus::Registry>();
  common::AddProgramInfo(*registry, {.version = SLUICE_VERSION,
                                     .commit = std::string(common::Commit()),
                                     .config_hash = common::ConfigHash(yaml)});
  Events events(config.providers, config.lanes, *registry, log, NamesOf(config.accounts));
  std::optional<common::tracing::Tracing> tracing;
  if (config.tracing) {
    tracing.emplace(*config.tracing, "sluice_consumer_spans_total", *registry, log);
  }
  const auto cannot_run = [&](std::string_view why) {
    events.CannotRun(why);
    if (!watchdog) watchdog.emplace(Deadline::After(kLongestStop), log, kExitCannotRun);
    return kExitCannotRun;
  };

  // Check the topics.
  TopicGuard guard({config.kafka, config.topics, TopicNeedsOf(config), TopicScopeOf(config)}, log,
                   [&](const auto& findings) {
                     for (const auto& finding : findings) {
                       events.TopicFinding(IsRefused(finding.fault), finding.topic, finding.text);
                     }
                   });

  // The lanes. None reads before the topics are found to be fine.
  Lanes lanes;
  for (int index = 0; index < config.lanes; ++index) {
    auto lane = LaneUnit::Create(config, static_cast<std::size_t>(index), events, log,
                                 tracing ? &tracing->sink() : nullptr,
                                 [&](const common::Error& error) { cannot_run(error.detail); });
    if (!lane) return kExitCannotRun;
    lanes.push_back(*std::move(lane));
  }

  // The admin port.
  const auto admin = common::admin::AdminServer::Start(
      {.host = config.admin.host,
       .port = config.admin.port,
       .ready_metric = "sluice_consumer_ready"},
      registry, [&] { return Missing(lanes, guard); },
      {{"GET", "/livez", [&](const auto&, std::string_view) {
          return common::admin::LivenessAnswer(FindStalledPart(lanes));
        }}});
  if (!admin) return cannot_run(admin.error().detail);

  const common::ServiceWatchdog service(
      common::FindWatchdogRequest(common::config::ProcessEnvironment(), ::getpid()),
      [&] { return FindStalledPart(lanes); }, log);

  // Run until a stop is requested or a lane fails.
  std::atomic<bool> has_failed = false;
  for (std::size_t index = 0; index < lanes.size(); ++index) {
    lanes[index]->Start(
        {.is_intake_held = [&] { return guard.state() != TopicGuard::State::kFine; },
         .failed =
             [&, index](const common::Error& error) {
               events.LaneFailed(index, error.code, error.detail);
               has_failed = true;
               shutdown.Request();
             },
         .stop = shutdown.token(),
         .stop_fd = shutdown.fd()});
  }
  const std::vector<SecretFile> secret_files = SecretFilesOf(config.accounts);
  common::config::FileReads secret_reads(common::config::ReadSecretFile);
  shutdown.OnHangup([&] { ReloadSecrets(secret_files, secret_reads, lanes, events); });
  events.Started((*admin)->port(), config.lanes);
  const auto seen = guard.AwaitFirstContact(Deadline::After(kFirstContact), shutdown.token());
  const bool is_refused = seen == TopicGuard::State::kRefused;
  if (is_refused) shutdown.Request();
  shutdown.Wait();

  // Stop: each lane commits its complete callbacks, within a bound, and leaves its assignment.
  events.Stopping();
  const bool is_reloaded = shutdown.EndHangups(Deadline::After(kLongestReload));
  const int status = has_failed || is_refused ? kExitCannotRun : kExitStopped;
  watchdog.emplace(Deadline::After(kLongestStop), log, status);
  for (const auto& lane : lanes) lane->Join();
  if (tracing) tracing->Stop();
  if (is_refused) {
    cannot_run("the topics do not meet the requirements; see topic.refused above");
  } else if (has_failed) {
    cannot_run("a lane has failed; see lane.failed above");
  } else {
    events.Stopped();
  }
  // A secret file that hangs still blocks the thread that reads it, which knows the lanes.
  if (!is_reloaded) std::_Exit(status);
  return status;
}

int Main(const std::vector<std::string_view>& arguments) {
  const auto read = [](const std::string& yaml) {
    return ReadConfig(yaml, common::config::ProcessEnvironment(),
                      common::kafka::FindPropertyMistake);
  };
  const auto look = [](const Config& /*config*/) { return common::config::Problems(); };
  const auto ask = [](const Config& config, const common::Logger& log) {
    return common::preflight::Print(RunPreflight(config, log));
  };
  return common::RunProgram("consumer", arguments, read, look, ask, Consume);
}

}  // namespace
}  // namespace consumer

int main(int argc, char** argv) {
  common::OpenStandardStreams();
  try {
    return consumer::Main({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    common::Logger("consumer").Error("consumer.cannot_run", {{"why", error.what()}});
    return common::config::kExitCannotRun;
  }
}
