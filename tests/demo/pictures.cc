// Draws the dashboards from the data of a real Prometheus that watches the whole pipeline, and
// takes pictures of the page of sluicectl: ops/pictures.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <random>
#include <stdexcept>

#include "tests/demo/page_pictures.h"
#include "tests/harness/prometheus.h"
#include "tests/soak/run.h"
#include "tests/soak/scenarios.h"

namespace {

using common::WallNow;
using common::WallTime;
using std::chrono::seconds;

struct Options {
  int seconds = 45;
  int rate = 60;
  bool is_page_alone = false;
};

std::string Job(const std::string& name, const std::string& address) {
  return "  - job_name: sluice-" + name + "\n    static_configs: [ { targets: [\"" + address +
         "\"] } ]\n    relabel_configs: [ { target_label: instance, replacement: " + name +
         "-0 } ]\n";
}

std::string Configuration(const tests::Pipeline& pipeline) {
  return "global: { scrape_interval: 2s, scrape_timeout: 2s, evaluation_interval: 2s }\n"
         "rule_files: [" +
         tests::SourcePath("ops/prometheus/sluice.rules.yml") + ", " +
         tests::SourcePath("ops/prometheus/sluice.slo.yml") + "]\nscrape_configs:\n" +
         Job("ingest", pipeline.ingest_admin()) + Job("consumer", pipeline.consumer_admin());
}

std::string Unix(WallTime time) {
  return std::to_string(std::chrono::floor<seconds>(time.time_since_epoch()).count());
}

/// Draws a dashboard as an operator would see it at this time.
void Draw(const tests::Prometheus& prometheus, WallTime begun, WallTime at,
          const std::string& dashboard, const std::string& picture) {
  const auto drawn =
      tests::RunProgram(tests::SourcePath("ops/draw"),
                        {"--prometheus", prometheus.url(), "--from", Unix(begun), "--to", Unix(at),
                         tests::SourcePath("ops/grafana/dashboards/" + dashboard + ".json"),
                         tests::SourcePath("ops/docs/pictures/" + picture + ".png")},
                        std::chrono::minutes(5));
  if (drawn.status != 0) {
    throw std::runtime_error(picture + " cannot be drawn: " + drawn.output + drawn.error_output);
  }
}

struct Moments {
  WallTime outage;  ///< Kafka is away.
  WallTime end;
};

/// Causes both faults, each with time to recover.
Moments LetFaultsPass(soak::Run& run, const Options& options) {
  const std::string time = std::to_string(options.seconds) + " s";
  Moments moments;
  run.Step(std::to_string(options.rate) + " callbacks/s, 3 of 10 redelivered");
  run.Rest(seconds(options.seconds * 2));
  run.Step("no broker for " + time);
  run.broker().Kill(1);
  run.Rest(seconds(options.seconds));
  moments.outage = WallNow();
  run.Step("the broker is back");
  run.broker().Restart(1);
  run.Rest(seconds(options.seconds * 3));
  run.Step("no Assure API for " + time);
  run.pipeline().Behave(R"({"down":true})");
  run.Rest(seconds(options.seconds));
  run.pipeline().Behave(R"({"latency_ms":20,"error_rate":0.02})");
  run.Step("the Assure API is back");
  run.Rest(seconds(options.seconds * 3));
  moments.end = WallNow();
  return moments;
}

void Play(soak::Run& run, const Options& options) {
  run.StartBroker(1);
  tests::Pipeline& pipeline = run.StartPipeline(1);
  run.Step("starting ingest and consumer");
  pipeline.StartIngest();
  pipeline.StartConsumer();
  run.Step("starting Prometheus");
  const tests::Prometheus prometheus(run.directory(), Configuration(pipeline));
  const WallTime begun = WallNow();
  const auto deliveries =
      pipeline.StartDelivery({"--providers", soak::kProviderMix, "--count", "9999999",
                              "--open-loop", std::to_string(options.rate), "--speed", "60",
                              "--duplicate-rate", "0.3", "--concurrency", "500"});
  const Moments moments = LetFaultsPass(run, options);
  deliveries->Stop();
  // ops/docs/dashboards.md says so.
  if (deliveries->Finish().Number("lost") != 0) {
    throw std::runtime_error("callbacks were given up by their providers");
  }
  run.Step("drawing");
  Draw(prometheus, begun, moments.end, "overview", "overview");
  Draw(prometheus, begun, moments.outage, "overview", "overview-without-kafka");
  Draw(prometheus, begun, moments.end, "ingest", "ingest");
  Draw(prometheus, begun, moments.end, "consumer", "consumer");
}

}  // namespace

int main(int argc, char** argv) {
  constexpr int kUsage = 2;
  Options options;
  CLI::App app("Draws the dashboards, and the page of sluicectl.", "sluice-pictures");
  const auto number = CLI::Range(1, 9'999);
  app.add_option("--seconds", options.seconds, "how long Kafka is away, and the API")
      ->check(number);
  app.add_flag("--page", options.is_page_alone, "only the page of sluicectl");
  app.add_option("--rate", options.rate, "callbacks per second")->check(number);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? EXIT_SUCCESS : kUsage;
  }
  const std::filesystem::path directory = tests::SourcePath("build/pictures");
  try {
    if (!options.is_page_alone) {
      soak::Run run({}, directory / "dashboards", std::random_device()());
      Play(run, options);
    }
    soak::Run run({}, directory / "page", std::random_device()());
    tests::SavePagePictures(run);
    return EXIT_SUCCESS;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "pictures: %s; see %s\n", failure.what(), directory.c_str());
    return EXIT_FAILURE;
  }
}
