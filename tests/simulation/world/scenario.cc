#include "tests/simulation/world/scenario.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "tests/simulation/runtime/random.h"

namespace simulation {
namespace {

using std::chrono::milliseconds;

constexpr std::array<std::string_view, 15> kNames = {
    "kArrive",  "kRedeliver",   "kCrash",       "kFreeze",       "kStop",
    "kTwin",    "kClock",       "kBrokerCrash", "kBrokerFreeze", "kLeaderGone",
    "kNetwork", "kMarkersSlow", "kMarkersLost", "kApiDown",      "kApiBad"};

milliseconds Between(Random& random, int low, int high) {
  return std::chrono::duration_cast<milliseconds>(
      random.Between(milliseconds(low), milliseconds(high)));
}

Action MakeFault(Random& random, bool loses_markers) {
  Action action;
  action.target = random.Below(1'000);
  constexpr std::array kFaults = {
      Kind::kCrash,       Kind::kCrash,        Kind::kFreeze,     Kind::kFreeze,  Kind::kStop,
      Kind::kBrokerCrash, Kind::kBrokerFreeze, Kind::kLeaderGone, Kind::kNetwork, Kind::kNetwork,
      Kind::kMarkersSlow, Kind::kApiDown,      Kind::kApiBad,     Kind::kClock,   Kind::kTwin};
  action.kind = kFaults[random.Below(kFaults.size())];
  if (loses_markers && random.Chance(0.2)) action.kind = Kind::kMarkersLost;
  action.span = random.Chance(0.3) ? Between(random, 5'000, 25'000) : Between(random, 50, 5'000);
  action.number = static_cast<int>(random.Below(600)) - 300;
  return action;
}

}  // namespace

Scenario MakeScenario(std::uint64_t seed) {
  Random random(seed * 0x2545f4914f6cdd1dULL + 1);
  Scenario scenario;
  scenario.seed = random.Next();
  scenario.brokers = random.Chance(0.3) ? 1 : 3;
  scenario.instances = 1 + static_cast<int>(random.Below(3));
  scenario.lanes = random.Chance(0.3) ? 2 : 1;
  const bool loses_markers = random.Chance(0.15);
  const int length = 20'000 + static_cast<int>(random.Below(50'000));
  const int faults = static_cast<int>(random.Below(30));
  for (int i = 0; i < faults; ++i) {
    Action action = MakeFault(random, loses_markers);
    action.at = Between(random, 2'000, length);
    scenario.actions.push_back(action);
  }
  const int bursts = 10 + static_cast<int>(random.Below(40));
  for (int i = 0; i < bursts; ++i) {
    scenario.actions.push_back({.at = Between(random, 0, length),
                                .kind = random.Chance(0.3) ? Kind::kRedeliver : Kind::kArrive,
                                .target = random.Below(1'000),
                                .span = {},
                                .number = 1 + static_cast<int>(random.Below(12))});
  }
  std::stable_sort(scenario.actions.begin(), scenario.actions.end(),
                   [](const Action& a, const Action& b) { return a.at < b.at; });
  return scenario;
}

std::string ToText(const Scenario& scenario) {
  std::string text = "Scenario{.seed = " + std::to_string(scenario.seed) +
                     "ULL, .brokers = " + std::to_string(scenario.brokers) +
                     ", .instances = " + std::to_string(scenario.instances) +
                     ", .lanes = " + std::to_string(scenario.lanes) + ", .actions = {\n";
  for (const Action& action : scenario.actions) {
    text += "    {milliseconds(" + std::to_string(action.at.count()) +
            "), Kind::" + std::string(kNames[static_cast<std::size_t>(action.kind)]) + ", " +
            std::to_string(action.target) + ", milliseconds(" +
            std::to_string(action.span.count()) + "), " + std::to_string(action.number) + "},\n";
  }
  return text + "}}";
}

}  // namespace simulation
