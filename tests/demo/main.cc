// Runs the whole pipeline once, for people who want to see it: ops/demo.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <random>

#include "tests/demo/background_run.h"
#include "tests/demo/demo.h"
#include "tests/harness/descriptors.h"
#include "tests/harness/process.h"

namespace {

constexpr int kUsage = 2;

int PlayIn(const std::filesystem::path& directory, const demo::Options& options) {
  demo::BackgroundRun background;
  if (options.keep) {
    if (const auto status = background.Begin()) return *status;
  }
  soak::Run run({}, directory, std::random_device()());
  if (options.keep) demo::BackgroundRun::NotePidIn(directory);
  const int status = demo::Play(run, options) ? EXIT_SUCCESS : EXIT_FAILURE;
  if (options.keep) background.TellStatusAndWait(status);
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  demo::Options options;
  bool is_stop = false;
  CLI::App app("Runs the whole pipeline once and judges it.", "sluice-demo");
  app.add_option("--callbacks", options.callbacks, "how many")->check(CLI::Range(1, 9'999'999));
  app.add_option("--duplicate-rate", options.duplicate_rate, "the share that is delivered again")
      ->check(CLI::Range(0.0, 1.0));
  app.add_flag("--kill", options.kill, "kill ingest and consumer, again and again");
  app.add_flag("--keep", options.keep, "leave it running");
  app.add_flag("--stop", is_stop, "stop what was left running");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? EXIT_SUCCESS : kUsage;
  }
  // NOLINTNEXTLINE(concurrency-mt-unsafe): only read
  if (const char* cluster = std::getenv("KAFKA_BOOTSTRAP")) options.cluster = cluster;
  const std::filesystem::path directory = tests::SourcePath("build/demo");
  tests::OpenAllDescriptors();
  try {
    demo::StopBackgroundRun(directory);
    return is_stop ? EXIT_SUCCESS : PlayIn(directory, options);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "demo: %s; see %s\n", failure.what(), directory.c_str());
    return EXIT_FAILURE;
  }
}
