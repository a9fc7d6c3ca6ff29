#include "tests/bench/options.h"

#include <CLI/CLI.hpp>
#include <utility>

#include "tests/support/parse_arguments.h"

namespace bench {
namespace {

void Declare(CLI::App& app, Options& options, const std::vector<std::string>& sections) {
  app.add_option("section", options.sections, "what to measure, by default everything")
      ->check(CLI::IsMember(sections));
  app.add_flag("--quick", options.quick, "one second a figure, two rounds");
  app.add_flag("--smoke", options.smoke, "a tenth of a second, one round, some figures");
  app.add_option("--rounds", options.rounds, "by default 5")->check(CLI::Range(1, 99));
  app.add_option("--rows", options.rows, "of the spool to be replayed, by default 1000000")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000'000}));
  app.add_option("--bin", options.bin, "the programs' directory")->check(CLI::ExistingDirectory);
  app.add_option("--dir", options.directory, "for logs, samples and the broker's data");
}

void FillIn(Options& options, const std::vector<std::string>& sections) {
  if (options.sections.empty()) options.sections = sections;
  if (options.rounds == 0) options.rounds = options.smoke ? 1 : options.quick ? 2 : 5;
}

}  // namespace

double Options::Seconds() const { return smoke ? 0.1 : quick ? 1 : 4; }

Parsed ParseOptions(std::vector<std::string> arguments, const std::vector<std::string>& sections) {
  Options options;
  CLI::App app("Measures Sluice beside what it is built on.", "sluice-bench");
  Declare(app, options, sections);
  if (auto end = tests::ParseArguments(app, std::move(arguments))) {
    return {.options = std::nullopt, .output = std::move(end->output), .status = end->status};
  }
  FillIn(options, sections);
  return {.options = std::move(options)};
}

}  // namespace bench
