// A healthy pipeline raises no alert, and each alert is raised by its fault. A real Prometheus
// scrapes the binaries and evaluates the rules of ops/prometheus, their time divided by --scale.
#include <algorithm>
#include <fstream>
#include <regex>
#include <stdexcept>

#include "tests/soak/alert_rules.h"
#include "tests/soak/alert_scene.h"
#include "tests/soak/audited.h"
#include "tests/soak/scenarios.h"
#include "tests/support/temp_directory.h"
#include "tests/support/wait_until.h"

namespace soak {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::string ShippedFile(const std::string& name) {
  return tests::ReadFile(tests::SourcePath("ops/prometheus/" + name));
}

/// Writes the rules, shrunk by --scale, without the objectives, which judge days. Returns the names
/// of their alerts.
AlertNames WriteRules(Run& run) {
  const std::string shipped = ShippedFile("sluice.rules.yml");
  const int scale = run.options().scale;
  const std::string rules = scale == 1 ? shipped : ShrinkRules(shipped, scale);
  if (WithoutTimes(rules) != WithoutTimes(shipped)) {
    throw std::runtime_error("the shrunk rules differ from ops/prometheus");
  }
  const auto file = run.directory() / "sluice.rules.yml";
  std::ofstream(file) << rules;
  const auto check = tests::RunProgram("/usr/bin/promtool", {"check", "rules", file}, seconds(30));
  if (check.status != 0) {
    throw std::runtime_error("the shrunk rules are wrong: " + check.output + check.error_output);
  }
  return AlertsIn(shipped);
}

/// The shipped configuration with other targets and shrunk intervals, but not below what a busy
/// machine can keep.
std::string Configuration(tests::Pipeline& pipeline, int scale) {
  static const std::regex kInterval(R"((scrape|evaluation)_interval: ([0-9]+)s)");
  std::string yaml = ShippedFile("prometheus.yml");
  yaml = std::regex_replace(yaml, std::regex("127\\.0\\.0\\.1:9100"), pipeline.ingest_admin());
  yaml = std::regex_replace(yaml, std::regex("127\\.0\\.0\\.1:9101"), pipeline.consumer_admin());
  std::string shrunk;
  auto rest = yaml.cbegin();
  for (std::sregex_iterator at(yaml.begin(), yaml.end(), kInterval), end; at != end; ++at) {
    const int shipped_ms = 1000 * std::stoi((*at)[2].str());
    const int ms = scale == 1 ? shipped_ms : std::max(500, shipped_ms / scale);
    shrunk.append(rest, (*at)[0].first);
    shrunk.append((*at)[1].str() + "_interval: " + std::to_string(ms) + "ms");
    rest = (*at)[0].second;
  }
  return shrunk.append(rest, yaml.cend());
}

/// Prometheus scrapes nothing for its first 5 s, long enough for shrunk alerts to fire.
void AwaitScrapes(const tests::Prometheus& prometheus) {
  const auto is_watching = [&] { return prometheus.Value("sum(up) unless on () ALERTS") == 2; };
  if (!tests::WaitUntil(is_watching, seconds(30), milliseconds(100))) {
    throw std::runtime_error("Prometheus does not scrape");
  }
}

void StayHealthy(const AlertScene& scene, std::size_t alerts) {
  Run& run = scene.run;
  const int time = run.options().seconds.value_or(60);
  const int scale = run.options().scale;
  run.Step("healthy for " + std::to_string(time) + " s, " + std::to_string(scene.world.rate()) +
           " callbacks/s with redeliveries");
  scene.watch.RestUntil(common::WallNow() + seconds(time));
  const std::string pending = scene.watch.JudgeHealth();
  const auto results = static_cast<std::int64_t>(scene.world.CountOfConsumer("published"));
  const auto removed = static_cast<std::int64_t>(scene.world.CountOfConsumer("duplicate"));
  run.FailIf(results == 0 || removed == 0, "there was no load");
  Run::Tell("healthy for " + std::to_string(time) + " s with rules " +
            (scale == 1 ? "untouched" : std::to_string(scale) + " times as fast") + ": " +
            std::to_string(results) + " results, " + std::to_string(removed) +
            " redeliveries removed, " + std::to_string(alerts) + " alerts, " +
            (pending.empty() ? "none of them pending or firing" : pending));
}

void Judge(Run& run, const AlertFindings& findings) {
  const AlertVerdict verdict = JudgeAlerts(findings);
  for (const std::string& line : verdict.table) Run::Tell(line);
  for (const std::string& failure : verdict.failures) run.Fail(failure);
}

}  // namespace

void PlayAlerts(Run& run) {
  const AlertNames alerts = WriteRules(run);
  run.StartBroker(1);
  AlertWorld world(run);
  run.Await([&] { return world.CountOfConsumer("published") > 0; }, seconds(20),
            "no results are published");
  run.Step("starting Prometheus with " + std::to_string(alerts.size()) +
           " alerts, their time divided by " + std::to_string(run.options().scale));
  tests::Prometheus prometheus(run.directory(),
                               Configuration(world.pipeline(), run.options().scale));
  AwaitScrapes(prometheus);
  AlertWatch watch(run, prometheus, [&] {
    world.RequireAll();
    if (!prometheus.process().IsRunning()) throw std::runtime_error("Prometheus has ended");
  });
  const AlertScene scene{run, world, watch};
  StayHealthy(scene, alerts.size());
  if (run.options().healthy) {
    AuditAll(run);
    return;
  }
  PlayFaultsOfCallbacks(scene);
  PlayFaultsOfTheApi(scene);
  PlayFaultsOfConsumer(scene);
  // Last: a single-node cluster may forget to end a transaction when it is killed.
  PlayFaultsOfKafka(scene);
  AuditAll(run);
  PlayFaultsOfLogs(scene);
  Judge(run, watch.Findings(alerts));
}

}  // namespace soak
