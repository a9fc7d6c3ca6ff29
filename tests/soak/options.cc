#include "tests/soak/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>
#include <utility>

namespace soak {
namespace {

constexpr int kUsage = 2;

/// Binds the options to the command line.
void Declare(CLI::App& app, Options& options, const std::vector<std::string>& scenarios) {
  const auto number = CLI::Range(0, 9'999'999);
  const auto at_least_one = CLI::Range(1, 9'999'999);
  const auto one_or_three = CLI::IsMember(std::vector<int>{1, 3});
  app.add_option("scenario", options.scenario, "what happens")
      ->required()
      ->check(CLI::IsMember(scenarios));
  app.add_option("--rate", options.rate, "callbacks per second")->check(number);
  app.add_option("--seconds", options.seconds, "how long it lasts")->check(number);
  app.add_option("--count", options.count, "how many faults or rounds")->check(number);
  app.add_option("--callbacks", options.callbacks, "how many")->check(number);
  app.add_option("--runs", options.runs, "each with the next seed")->check(at_least_one);
  app.add_option("--nodes", options.nodes, "nodes of Kafka")->check(one_or_three);
  app.add_option("--copies", options.copies, "of each partition")->check(one_or_three);
  app.add_option("--scale", options.scale, "divides the time of rules")->check(at_least_one);
  app.add_flag("--healthy", options.healthy, "no fault at all");
  app.add_flag("--poison", options.poison, "callbacks that Kafka never takes are in the mix");
  app.add_flag("--dead-partition", options.dead_partition, "one partition is away for longer");
  app.add_option("--seed", options.seed, "of what happens at random");
  app.add_option("--preset", options.preset, "of the binaries");
  app.add_option("--bin", options.bin, "the binaries' directory")->check(CLI::ExistingDirectory);
}

/// What no single option can tell.
std::string MistakeIn(const Options& options) {
  const bool has_outage_nodes = options.scenario == "outage";
  const int nodes = has_outage_nodes ? 3 : options.nodes;
  if (options.copies.value_or(1) > nodes) return "--copies is 1, or as many as --nodes";
  if (!has_outage_nodes && (options.poison || options.dead_partition)) {
    return "--poison and --dead-partition are of outage";
  }
  // Once all of them were killed, Kafka trusts the copy alone that was in sync to the last: with more
  // copies every partition waits for the node that stays away.
  if (options.dead_partition && options.copies.value_or(1) != 1) {
    return "--dead-partition goes with --copies 1";
  }
  return {};
}

}  // namespace

Parsed ParseOptions(std::vector<std::string> arguments, const std::vector<std::string>& scenarios) {
  Options options;
  CLI::App app("Runs the pipeline under faults and judges it.", "sluice-soak");
  Declare(app, options, scenarios);
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back.
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    std::ostringstream output;
    const int status = app.exit(error, output, output) == 0 ? 0 : kUsage;
    return {.options = std::nullopt, .output = output.str(), .status = status};
  }
  if (const std::string mistake = MistakeIn(options); !mistake.empty()) {
    return {.options = std::nullopt, .output = mistake + "\n", .status = kUsage};
  }
  return {.options = std::move(options)};
}

}  // namespace soak
