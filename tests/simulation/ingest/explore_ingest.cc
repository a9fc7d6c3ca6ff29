#include "tests/simulation/ingest/explore_ingest.h"

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>

#include "tests/simulation/ingest/world/adversary.h"
#include "tests/simulation/ingest/world/world.h"
#include "tests/simulation/world/shrink.h"

namespace simulation::intake {
namespace {

struct Sum {
  std::uint64_t histories = 0;
  std::uint64_t failed = 0;
  Outcome all;

  void Add(const Outcome& outcome) {
    ++histories;
    failed += outcome.is_good() ? 0 : 1;
    all.facts += outcome.facts;
    all.deliveries += outcome.deliveries;
    all.promised += outcome.promised;
    all.spooled += outcome.spooled;
    all.copies += outcome.copies;
    all.refused += outcome.refused;
    all.faults += outcome.faults;
    all.covered += outcome.covered;
  }
};

void Tell(const Sum& sum, double wall) {
  std::cout << sum.histories << " histories in " << wall << " s ("
            << static_cast<std::uint64_t>(static_cast<double>(sum.histories) / wall * 3600)
            << " an hour), " << static_cast<double>(sum.all.covered.count()) / 3600
            << " h of virtual time, " << sum.all.facts << " facts, " << sum.all.deliveries
            << " deliveries, " << sum.all.promised << " answered 200, " << sum.all.spooled
            << " records from spools, " << sum.all.copies << " copies, " << sum.all.refused
            << " refused, " << sum.all.faults << " faults, " << sum.failed << " failed\n";
}

std::uint64_t current_seed = 0;

/// A broken invariant of the code under test ends the process.
void TellAbort(int /*signal*/) {
  std::cout << "found with seed " << current_seed << "\n  the process ended itself\n" << std::flush;
  std::_Exit(1);
}

void TellFailure(const Scenario& scenario, const Outcome& outcome) {
  std::cout << "ingest seed " << current_seed << " fails:\n";
  for (const std::string& violation : outcome.violations) std::cout << "  " << violation << "\n";
  const Scenario shortest = Shrink(scenario, 300);
  std::cout << "shortest: " << ToText(shortest) << "\n";
  for (const std::string& violation : RunScenario(shortest).violations) {
    std::cout << "  " << violation << "\n";
  }
  std::cout << std::flush;
}

}  // namespace

int Explore(const ExploreOptions& options) {
  const auto begun_at = std::chrono::steady_clock::now();
  const auto wall = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_at).count();
  };
  std::cout << "seeds from " << options.seed << std::endl;
  if (options.quiet) {
    std::signal(SIGABRT, &TellAbort);
    std::signal(SIGSEGV, &TellAbort);
  }
  Sum sum;
  for (std::uint64_t seed = options.seed;; ++seed) {
    if (options.count > 0 && seed >= options.seed + options.count) break;
    if (options.minutes > 0 && wall() > options.minutes * 60) break;
    current_seed = seed;
    const Scenario scenario = MakeScenario(seed);
    const Outcome outcome = RunScenario(scenario, options.trace);
    for (const std::string& line : outcome.trace) std::cout << line << "\n";
    sum.Add(outcome);
    if (outcome.is_good()) continue;
    if (options.quiet) {
      std::cout << "found with seed " << seed << "\n  " << outcome.violations.front() << "\n";
      return 1;
    }
    TellFailure(scenario, outcome);
    if (!options.keep_going) break;
  }
  Tell(sum, wall());
  return sum.failed > 0 ? 1 : 0;
}

}  // namespace simulation::intake
