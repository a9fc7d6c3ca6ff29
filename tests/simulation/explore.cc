// explore [--seed N] [--count N] [--minutes N] [--trace] [--keep-going] [--quiet]: histories, one after the other.
#include "tests/simulation/explore.h"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <random>
#include <string>

#include "tests/simulation/world/adversary.h"
#include "tests/simulation/world/shrink.h"
#include "tests/simulation/world/world.h"

namespace simulation {
namespace {

struct Options {
  std::uint64_t seed = std::random_device()();
  std::uint64_t count = 0;
  double minutes = 0;
  bool trace = false;
  bool keep_going = false;
  bool quiet = false;  ///< Of a failure only the seed's place is told.
};

Options Read(int count, char** words) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    const char* const value = i + 1 < count ? words[i + 1] : "";
    if (word == "--trace") {
      options.trace = true;
    } else if (word == "--keep-going") {
      options.keep_going = true;
    } else if (word == "--quiet") {
      options.quiet = true;
    } else {
      ++i;
      if (word == "--seed") options.seed = std::strtoull(value, nullptr, 10);
      if (word == "--count") options.count = std::strtoull(value, nullptr, 10);
      if (word == "--minutes") options.minutes = std::strtod(value, nullptr);
    }
  }
  if (options.count == 0 && options.minutes == 0) options.count = 1;
  return options;
}

struct Sum {
  std::uint64_t histories = 0;
  std::uint64_t facts = 0;
  std::uint64_t faults = 0;
  std::uint64_t failed = 0;
  int forgotten = 0;
  std::chrono::seconds covered{};
};

void Tell(const Sum& sum, double wall) {
  std::cout << sum.histories << " histories in " << wall << " s ("
            << static_cast<std::uint64_t>(static_cast<double>(sum.histories) / wall * 3600)
            << " an hour), " << static_cast<double>(sum.covered.count()) / 3600
            << " h of virtual time, " << sum.facts << " facts, " << sum.faults << " faults, "
            << sum.forgotten << " forgotten markers, " << sum.failed << " failed\n";
}

std::uint64_t current_seed = 0;

/// A broken invariant of the code under test ends the process.
void TellAbort(int /*signal*/) {
  std::cout << "found with seed " << current_seed << "\n  the process ended itself\n" << std::flush;
  std::_Exit(1);
}

void TellFailure(std::uint64_t seed, const Outcome& outcome) {
  std::cout << "seed " << seed << " fails:\n";
  for (const std::string& violation : outcome.violations) std::cout << "  " << violation << "\n";
  const Scenario shortest = Shrink(MakeScenario(seed), 300);
  const Outcome shrunk = RunScenario(shortest);
  std::cout << "shortest: " << ToText(shortest) << "\n";
  for (const std::string& violation : shrunk.violations) std::cout << "  " << violation << "\n";
  std::cout << std::flush;
}

}  // namespace

int Explore(int count, char** words) {
  const Options options = Read(count, words);
  const auto begun_at = std::chrono::steady_clock::now();
  const auto wall = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_at).count();
  };
  std::cout << "seeds from " << options.seed << std::endl;
  if (options.quiet) std::signal(SIGABRT, &TellAbort);
  Sum sum;
  for (std::uint64_t seed = options.seed;; ++seed) {
    if (options.count > 0 && seed >= options.seed + options.count) break;
    if (options.minutes > 0 && wall() > options.minutes * 60) break;
    current_seed = seed;
    const Outcome outcome = RunScenario(MakeScenario(seed), options.trace);
    for (const std::string& line : outcome.trace) std::cout << line << "\n";
    ++sum.histories;
    sum.facts += outcome.facts;
    sum.faults += outcome.faults;
    sum.covered += outcome.covered;
    sum.forgotten += outcome.forgotten;
    if (outcome.is_good()) continue;
    ++sum.failed;
    if (options.quiet) {
      std::cout << "found with seed " << seed << "\n  " << outcome.violations.front() << "\n";
      return 1;
    }
    TellFailure(seed, outcome);
    if (!options.keep_going) break;
  }
  Tell(sum, wall());
  return sum.failed > 0 ? 1 : 0;
}

}  // namespace simulation
