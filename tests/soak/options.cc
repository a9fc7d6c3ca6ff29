#include "tests/soak/options.h"

#include <CLI/CLI.hpp>
#include <utility>

#include "tests/support/parse_arguments.h"

namespace soak {
namespace {

constexpr int kUsage = 2;

/// Declares the options on the command line.
void Declare(CLI::App& app, Options& options, const std::vector<std::string>& scenarios) {
  const auto number = CLI::Range(0, 9'999'999);
  const auto at_least_one = CLI::Range(1, 9'999'999);
  const auto one_or_three = CLI::IsMember(std::vector<int>{1, 3});
  app.add_option("scenario", options.scenario, "the scenario")
      ->required()
      ->check(CLI::IsMember(scenarios));
  app.add_option("--rate", options.rate, "callbacks per second")->check(number);
  app.add_option("--seconds", options.seconds, "how long it lasts")->check(number);
  app.add_option("--count", options.count, "number of faults or rounds")->check(number);
  app.add_option("--callbacks", options.callbacks, "number of callbacks")->check(number);
  app.add_option("--lose", options.lose, "percent of the callbacks that never come")
      ->check(CLI::Range(0, 99));
  app.add_option("--runs", options.runs, "number of runs, each with the next seed")
      ->check(at_least_one);
  app.add_option("--nodes", options.nodes, "nodes of Kafka")->check(one_or_three);
  app.add_option("--copies", options.copies, "copies of each partition")->check(one_or_three);
  app.add_option("--scale", options.scale, "divides the times in the rules")->check(at_least_one);
  app.add_flag("--healthy", options.healthy, "no faults");
  app.add_flag("--poison", options.poison, "adds callbacks that Kafka never accepts");
  app.add_flag("--dead-partition", options.dead_partition, "one partition comes back later");
  app.add_option("--seed", options.seed, "seed of all random choices");
  app.add_option("--preset", options.preset, "preset of the binaries");
  app.add_option("--bin", options.bin, "the binaries' directory")->check(CLI::ExistingDirectory);
  app.add_option("--old", options.old, "the directory of an earlier commit's binaries")
      ->check(CLI::ExistingDirectory);
}

/// Finds mistakes that no single option shows.
std::string MistakeIn(const Options& options) {
  const bool has_outage_nodes = options.scenario == "outage";
  const int nodes = has_outage_nodes ? 3 : options.nodes;
  if (options.copies.value_or(1) > nodes) return "--copies must not exceed --nodes";
  if (!has_outage_nodes && (options.poison || options.dead_partition)) {
    return "--poison and --dead-partition are for outage only";
  }
  if (options.scenario != "consumers" && options.lose > 0) return "--lose is for consumers only";
  if ((options.scenario == "upgrade") != !options.old.empty()) {
    return "upgrade, and no other scenario, requires --from or --old";
  }
  // After all copies have been killed, Kafka trusts only the last in-sync copy. With more copies,
  // every partition would wait for the node that stays down.
  if (options.dead_partition && options.copies.value_or(1) != 1) {
    return "--dead-partition requires --copies 1";
  }
  return {};
}

}  // namespace

Parsed ParseOptions(std::vector<std::string> arguments, const std::vector<std::string>& scenarios) {
  Options options;
  CLI::App app("Runs the pipeline under faults and judges it.", "sluice-soak");
  Declare(app, options, scenarios);
  if (auto end = tests::ParseArguments(app, std::move(arguments))) {
    return {.options = std::nullopt, .output = std::move(end->output), .status = end->status};
  }
  if (const std::string mistake = MistakeIn(options); !mistake.empty()) {
    return {.options = std::nullopt, .output = mistake + "\n", .status = kUsage};
  }
  return {.options = std::move(options)};
}

}  // namespace soak
