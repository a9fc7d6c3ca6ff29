#include "ops/ctl/status/status.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/runtime/shutdown.h"
#include "ops/ctl/shell/output.h"
#include "ops/ctl/status/status_instance.h"
#include "ops/ctl/status/status_kafka.h"
#include "ops/ctl/status/status_probe.h"
#include "ops/ctl/status/status_report.h"

namespace ctl {
namespace {

using common::Deadline;
using common::Error;
using common::Remedy;
using common::Result;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kBetweenRounds{2};
/// How long to wait for an open transaction to end. Rounds of --watch add up their waits.
constexpr milliseconds kPatience = threshold::kTransactionLife + seconds(1);
constexpr milliseconds kPatienceOfARound{500};
constexpr milliseconds kProbeLimit{2'000};
constexpr std::string_view kHomeAndErase = "\x1b[H\x1b[2J";

/// Parses "http://10.0.0.1:9100,10.0.0.2:9100"; by default the admin address of the configuration
/// file.
std::vector<std::string> InstancesOf(const Arguments& arguments, const ClusterSettings& settings) {
  std::string_view list = settings.admin_url;
  const std::string given = arguments.Text("--instance");
  if (arguments.Has("--instance")) list = given;
  std::vector<std::string> urls;
  while (!list.empty()) {
    const std::string_view one = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), one.size() + 1));
    if (one.empty()) continue;
    const bool has_scheme = one.find("://") != std::string_view::npos;
    std::string url = (has_scheme ? "" : "http://") + std::string(one);
    while (url.ends_with('/')) url.pop_back();
    urls.push_back(std::move(url));
  }
  return urls;
}

std::vector<InstanceFacts> ProbeAll(const std::vector<std::string>& instances) {
  std::vector<std::string> urls;
  for (const std::string& instance : instances) {
    urls.push_back(instance + "/metrics");
    urls.push_back(instance + "/readyz");
  }
  const std::vector<ProbeAnswer> answers = Probe(urls, kProbeLimit);
  std::vector<InstanceFacts> facts;
  for (std::size_t i = 0; i < instances.size(); ++i) {
    facts.push_back(ReadInstance(instances[i], answers[2 * i], answers[2 * i + 1]));
  }
  return facts;
}

Result<int> ShowStatus(const Arguments& arguments, Output& output) {
  const Result<ClusterSettings> settings = ReadClusterSettings(arguments);
  if (!settings) return settings.error();
  const std::vector<std::string> instances = InstancesOf(arguments, *settings);
  const bool is_watch = arguments.Has("--watch");

  const common::Shutdown shutdown;  // Before the clients: it blocks signals in their threads.
  const auto reader = StatusReader::Open(*settings);
  if (!reader) return reader.error();
  while (true) {
    const auto next_round = Deadline::After(kBetweenRounds);
    std::vector<InstanceFacts> probed = ProbeAll(instances);
    // The configured address is local to the instance's machine; this may be another one.
    if (!arguments.Has("--instance")) {
      std::erase_if(probed, [](const InstanceFacts& instance) { return !instance.error.empty(); });
    }
    StatusFacts facts{.now = common::WallNow(),
                      .group = settings->group,
                      .kafka = {},
                      .kafka_error = {},
                      .instances = std::move(probed)};
    auto kafka =
        reader.value()->Read(facts.now, is_watch ? kPatienceOfARound : kPatience, shutdown.token());
    if (shutdown.IsRequested()) return 0;
    if (kafka) {
      facts.kafka = *std::move(kafka);
    } else if (!is_watch && facts.instances.empty()) {
      return kafka.error();
    } else {
      facts.kafka_error = kafka.error().detail;
    }
    const StatusVerdict verdict = Judge(facts);
    if (output.is_json) {
      output.out << RenderStatusJson(facts, verdict);
    } else {
      if (is_watch && output.is_terminal) output.out << kHomeAndErase;
      output.out << RenderStatus(facts, verdict);
      if (is_watch) output.out << "\n" << common::FormatRfc3339(facts.now) << "\n";
    }
    output.out.flush();
    if (!is_watch) return ExitStatusOf(facts, verdict);
    if (shutdown.WaitUntil(next_round)) return 0;
  }
}

}  // namespace

std::vector<Command> StatusCommands() {
  return {
      {"status",
       "shows whether all is well and, if not, why: members and their partitions, lag and waiting\n"
       "time, open transactions, dead letters, the last result, and the state of the instances.\n"
       "Status 0: all is well; 3: it is not; 1: Kafka did not answer, or only in part",
       {{"--instance", "URL,URL,…",
         "admin ports of ingest and consumer: 10.0.0.1:9100; default: that of --config, if it "
         "answers"},
        {"--watch", "", "repeats every 2 s until it is interrupted"}},
       ShowStatus}};
}

}  // namespace ctl
