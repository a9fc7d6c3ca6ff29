#pragma once

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <string>
#include <string_view>

#include "tests/simulation/explore.h"
#include "tests/simulation/world/shrink.h"

namespace simulation {

/// The seed that runs, for TellAbort().
inline std::uint64_t current_seed = 0;

/// A broken invariant of the code under test ends the process.
inline void TellAbort(int /*signal*/) {
  std::cout << "found with seed " << current_seed << "\n  the process ended itself\n" << std::flush;
  std::_Exit(1);
}

template <typename Scenario, typename Outcome>
void TellFailure(std::string_view world, const Scenario& scenario, const Outcome& outcome) {
  std::cout << world << " seed " << current_seed << " fails:\n";
  for (const std::string& violation : outcome.violations) std::cout << "  " << violation << "\n";
  const Scenario shortest = Shrink(scenario, 300);
  std::cout << "shortest: " << ToText(shortest) << "\n";
  for (const std::string& violation : RunScenario(shortest).violations) {
    std::cout << "  " << violation << "\n";
  }
  std::cout << std::flush;
}

/// Sums over a run of histories.
struct Explored {
  std::uint64_t histories = 0;
  std::uint64_t failed = 0;
  double wall_seconds = 0;
};

/// Runs histories of a world as the options say: `add` hears what became of each, and `tell` tells
/// the sum. Returns the exit status.
template <typename MakeScenario, typename Add, typename Tell>
int ExploreWorld(const ExploreOptions& options, std::string_view world, MakeScenario make, Add add,
                 Tell tell) {
  const auto begun_at = std::chrono::steady_clock::now();
  const auto wall = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_at).count();
  };
  std::cout << "seeds from " << options.seed << std::endl;
  if (options.quiet) {
    std::signal(SIGABRT, &TellAbort);
    std::signal(SIGSEGV, &TellAbort);
  }
  Explored explored;
  for (std::uint64_t seed = options.seed;; ++seed) {
    if (options.count > 0 && seed >= options.seed + options.count) break;
    if (options.minutes > 0 && wall() > options.minutes * 60) break;
    current_seed = seed;
    const auto scenario = make(seed);
    if (options.text) std::cout << ToText(scenario) << "\n";
    const auto outcome = RunScenario(scenario, options.trace);
    for (const std::string& line : outcome.trace) std::cout << line << "\n";
    ++explored.histories;
    add(outcome);
    if (outcome.is_good()) continue;
    ++explored.failed;
    if (options.quiet) {
      std::cout << "found with seed " << seed << "\n  " << outcome.violations.front() << "\n";
      return 1;
    }
    TellFailure(world, scenario, outcome);
    if (!options.keep_going) break;
  }
  explored.wall_seconds = wall();
  std::cout << explored.histories << " histories in " << explored.wall_seconds << " s ("
            << static_cast<std::uint64_t>(static_cast<double>(explored.histories) /
                                          explored.wall_seconds * 3600)
            << " an hour), ";
  tell();
  std::cout << ", " << explored.failed << " failed\n";
  return explored.failed > 0 ? 1 : 0;
}

}  // namespace simulation
