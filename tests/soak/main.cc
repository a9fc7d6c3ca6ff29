#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <random>

#include "tests/harness/descriptors.h"
#include "tests/harness/process.h"
#include "tests/soak/audited.h"
#include "tests/soak/options.h"
#include "tests/soak/scenarios.h"
#include "tests/soak/starved_tally.h"
#include "tests/support/temp_directory.h"

namespace {

bool Play(const soak::Scenario& scenario, const soak::Options& options,
          const std::filesystem::path& directory, std::uint64_t seed) {
  try {
    soak::Run run(options, directory, seed);
    run.Step(scenario.name + ", seed " + std::to_string(seed));
    scenario.play(run);
    if (!scenario.audits_itself) soak::AuditAll(run);
    return run.IsGood();
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "soak: %s; see %s\n", failure.what(), directory.c_str());
    return false;
  }
}

/// Plays several runs, each with the next seed. A run that fails to finish does not end the others.
bool PlayStarvedAgain(const soak::Scenario& scenario, const soak::Options& options,
                      const std::filesystem::path& directory, std::uint64_t seed) {
  soak::StarvedTally tally;
  for (int i = 0; i < options.runs; ++i) {
    const std::uint64_t own_seed = seed + static_cast<std::uint64_t>(i);
    const auto own_directory = directory / ("seed-" + std::to_string(own_seed));
    const bool is_good = Play(scenario, options, own_directory, own_seed);
    tally.Add(soak::ReadVerdict(tests::ReadFile(own_directory / "verdict")), is_good);
    // Keeps the logs. Keeps the records only of a failed run.
    if (is_good) std::filesystem::remove_all(own_directory / "kafka");
  }
  if (options.runs > 1) {
    soak::Run::Tell(tally.ToText(options.nodes, options.copies.value_or(options.nodes)));
  }
  return tally.IsGood();
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> names;
  for (const soak::Scenario& scenario : soak::AllScenarios()) names.push_back(scenario.name);
  const soak::Parsed parsed = soak::ParseOptions({argv + 1, argv + argc}, names);
  if (!parsed.options) {
    std::fputs(parsed.output.c_str(), parsed.status == 0 ? stdout : stderr);
    return parsed.status;
  }
  if (!parsed.options->bin.empty()) tests::UseProgramsIn(parsed.options->bin);
  tests::OpenAllDescriptors();  // Thousands of connections of providers.
  const auto& all = soak::AllScenarios();
  const auto scenario = std::ranges::find(all, parsed.options->scenario, &soak::Scenario::name);
  const std::filesystem::path directory = tests::SourcePath("build/soak/" + scenario->name);
  const std::uint64_t seed = parsed.options->seed.value_or(std::random_device()() % 100'000);
  const auto play = scenario->name == "starved" ? PlayStarvedAgain : Play;
  return play(*scenario, *parsed.options, directory, seed) ? EXIT_SUCCESS : EXIT_FAILURE;
}
