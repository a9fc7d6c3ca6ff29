// explore [--seed N] [--count N] [--minutes N] [--trace] [--text] [--keep-going] [--quiet]
//         [--plain | --announced | --ingest | --joint]: histories, one after the other.
#include "tests/simulation/explore.h"

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>

#include "tests/simulation/exploring.h"
#include "tests/simulation/world/adversary.h"
#include "tests/simulation/world/world.h"

namespace simulation {
namespace {

struct Sum {
  std::uint64_t histories = 0;
  std::uint64_t facts = 0;
  std::uint64_t faults = 0;
  std::uint64_t failed = 0;
  int forgotten = 0;
  std::uint64_t announced = 0;
  std::uint64_t reconciled = 0;
  std::chrono::seconds covered{};

  void Add(const Outcome& outcome) {
    ++histories;
    facts += outcome.facts;
    faults += outcome.faults;
    covered += outcome.covered;
    forgotten += outcome.forgotten;
    announced += outcome.announced;
    reconciled += outcome.reconciled;
    failed += outcome.is_good() ? 0 : 1;
  }
};

void Tell(const Sum& sum, double wall) {
  std::cout << sum.histories << " histories in " << wall << " s ("
            << static_cast<std::uint64_t>(static_cast<double>(sum.histories) / wall * 3600)
            << " an hour), " << static_cast<double>(sum.covered.count()) / 3600
            << " h of virtual time, " << sum.facts << " facts, " << sum.faults << " faults, "
            << sum.forgotten << " forgotten markers, " << sum.announced << " announced processes, "
            << sum.reconciled << " without callback, " << sum.failed << " failed\n";
}

/// The same seed twice: without announced processes, and with them.
struct History {
  std::string name;
  Scenario (*make)(std::uint64_t seed);
};
const std::array<History, 2> kHistories = {
    {{"plain", &MakeScenario}, {"announced", &MakeAnnouncedScenario}}};

}  // namespace

ExploreOptions ReadExploreOptions(int count, char** words) {
  ExploreOptions options{.seed = std::random_device()()};
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    const char* const value = i + 1 < count ? words[i + 1] : "";
    if (word == "--trace") {
      options.trace = true;
    } else if (word == "--text") {
      options.text = true;
    } else if (word == "--keep-going") {
      options.keep_going = true;
    } else if (word == "--plain") {
      options.plain = true;
    } else if (word == "--announced") {
      options.announced = true;
    } else if (word == "--ingest") {
      options.ingest = true;
    } else if (word == "--joint") {
      options.joint = true;
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

int Explore(const ExploreOptions& options) {
  const auto begun_at = std::chrono::steady_clock::now();
  const auto wall = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_at).count();
  };
  std::cout << "seeds from " << options.seed << std::endl;
  if (options.quiet) std::signal(SIGABRT, &TellAbort);
  Sum sum;
  bool is_over = false;
  for (std::uint64_t seed = options.seed;; ++seed) {
    if (options.count > 0 && seed >= options.seed + options.count) break;
    if (options.minutes > 0 && wall() > options.minutes * 60) break;
    current_seed = seed;
    for (const History& history : kHistories) {
      const bool is_announced = history.make == &MakeAnnouncedScenario;
      if (is_announced ? options.plain : options.announced) continue;
      const Scenario scenario = history.make(seed);
      if (options.text) std::cout << ToText(scenario) << "\n";
      const Outcome outcome = RunScenario(scenario, options.trace);
      for (const std::string& line : outcome.trace) std::cout << line << "\n";
      sum.Add(outcome);
      if (outcome.is_good()) continue;
      if (options.quiet) {
        std::cout << "found with seed " << seed << "\n  " << outcome.violations.front() << "\n";
        return 1;
      }
      TellFailure(history.name, scenario, outcome);
      if (!options.keep_going) is_over = true;
    }
    if (is_over) break;
  }
  Tell(sum, wall());
  return sum.failed > 0 ? 1 : 0;
}

}  // namespace simulation
