#include "tests/simulation/world/adversary.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "tests/simulation/world/tactics.h"

namespace simulation {
namespace {

using std::chrono::milliseconds;

constexpr std::array kFaults = {
    Kind::kCrash,        Kind::kFreeze,     Kind::kStop,    Kind::kTwin,        Kind::kScale,
    Kind::kEvict,        Kind::kDeaf,       Kind::kClock,   Kind::kBrokerClock, Kind::kBrokerCrash,
    Kind::kBrokerFreeze, Kind::kLeaderGone, Kind::kNetwork, Kind::kMarkersSlow, Kind::kMarkersLost,
    Kind::kForget,       Kind::kApiDown,    Kind::kApiBad,  Kind::kTruncate,    Kind::kExpire,
    Kind::kRecreate,     Kind::kHold,       Kind::kLate,    Kind::kLoseAnswer,  Kind::kRefuse};
constexpr std::array kAims = {Aim::kAddPartitions, Aim::kProduce,      Aim::kOffsets,
                              Aim::kCommit,        Aim::kAbort,        Aim::kInitialise,
                              Aim::kJoin,          Aim::kFetchOffsets, Aim::kFetch};
/// Faults after which laxer rules hold. They are seldom, so that the strict rules hold mostly.
constexpr std::array kLenient = {Kind::kMarkersLost, Kind::kForget, Kind::kTruncate, Kind::kExpire,
                                 Kind::kRecreate};
constexpr int kMostTactics = 4;

/// Of histories with announced processes.
constexpr std::array<std::pair<double, Tactic>, 6> kLaterTactics = {{{0.15, &TornOffsets},
                                                                     {0.3, &TornAndMoved},
                                                                     {0.3, &TornRestart},
                                                                     {0.2, &FrozenBesideCut},
                                                                     {0.25, &RegrownAndLost},
                                                                     {0.3, &ExpectedLife}}};

void Add(const std::vector<Action>& more, std::vector<Action>& actions) {
  actions.insert(actions.end(), more.begin(), more.end());
}

template <std::size_t kSize>
Kind AnyOf(Random& random, const std::array<Kind, kSize>& kinds) {
  return kinds.at(random.Below(kSize));
}

bool NeedsAim(Kind kind) { return kind >= Kind::kHold; }
bool MayRefuse(Aim aim) {
  return aim == Aim::kAddPartitions || aim == Aim::kProduce || aim == Aim::kOffsets;
}

/// The kinds of faults of one scenario, the frequent ones several times.
std::vector<Kind> ChooseMenu(Random& random) {
  std::vector<Kind> menu;
  for (const Kind kind : kFaults) {
    const bool is_lenient = std::ranges::find(kLenient, kind) != kLenient.end();
    if (!random.Chance(is_lenient ? 0.1 : 0.3)) continue;
    menu.insert(menu.end(), random.Chance(0.3) ? 4 : 1, kind);
  }
  if (menu.empty()) menu.push_back(AnyOf(random, kFaults));
  return menu;
}

Action MakeFault(Random& random, const std::vector<Kind>& menu, double aimed) {
  Action action;
  action.target = random.Below(1'000);
  action.kind = menu[random.Below(menu.size())];
  action.span = random.Chance(0.3) ? Between(random, 5'000, 25'000) : Between(random, 50, 5'000);
  action.number = static_cast<int>(random.Below(600)) - 300;
  const bool is_log = action.kind >= Kind::kTruncate && action.kind <= Kind::kExpire;
  if (is_log) action.number = 1 + static_cast<int>(random.Below(20));
  if (action.kind == Kind::kForget) action.number = 1 + static_cast<int>(random.Below(127));
  if (action.kind == Kind::kBrokerClock && random.Chance(0.2)) action.number = 400;
  if (NeedsAim(action.kind) || random.Chance(aimed)) {
    action.aim = kAims.at(random.Below(kAims.size()));
    action.is_at_once = random.Chance(0.5);
  }
  if (action.kind == Kind::kRefuse && !MayRefuse(action.aim)) action.aim = Aim::kOffsets;
  return action;
}

void AddTactics(Random& random, int length, std::vector<Action>& actions) {
  std::vector<Tactic> chosen;
  for (const Tactic tactic : Tactics()) {
    if (random.Chance(0.2)) chosen.push_back(tactic);
  }
  if (chosen.empty()) return;
  const auto count = 1 + static_cast<int>(random.Below(kMostTactics));
  for (int i = 0; i < count; ++i) {
    const milliseconds at = Between(random, 3'000, length);
    Add(chosen[random.Below(chosen.size())](random, at), actions);
  }
}

void AddTraffic(Random& random, int length, std::vector<Action>& actions) {
  const double again = 0.1 + 0.5 * random.Unit();
  const int bursts = 5 + static_cast<int>(random.Below(40));
  for (int i = 0; i < bursts; ++i) {
    actions.push_back({.at = Between(random, 0, length),
                       .kind = random.Chance(again) ? Kind::kRedeliver : Kind::kArrive,
                       .target = random.Below(1'000),
                       .span = {},
                       .number = 1 + static_cast<int>(random.Below(12))});
  }
}

/// One tactic and hardly anything else: what surrounds it otherwise mostly hides what it is for.
void MakeBare(Random& random, Scenario& scenario) {
  const Tactic tactic = kLaterTactics.at(random.Below(kLaterTactics.size())).second;
  scenario.actions = {{.at = milliseconds(1'000),
                       .kind = Kind::kArrive,
                       .number = 2 + static_cast<int>(random.Below(8))}};
  Add(tactic(random, Between(random, 5'000, 9'000)), scenario.actions);
  if (random.Chance(0.3)) {
    scenario.has_big_records = true;
    Add(LastDuplicates(random, milliseconds(40'000)), scenario.actions);
  }
}

void SortByTime(std::vector<Action>& actions) {
  std::stable_sort(actions.begin(), actions.end(),
                   [](const Action& a, const Action& b) { return a.at < b.at; });
}

}  // namespace

Scenario MakeAnnouncedScenario(std::uint64_t seed) {
  Scenario scenario = MakeScenario(seed);
  Random random(seed * 0x9e6c63d0876a9a47ULL + 3);
  scenario.has_announcements = true;
  auto& actions = scenario.actions;
  if (random.Chance(0.25)) {
    MakeBare(random, scenario);
    SortByTime(actions);
    return scenario;
  }
  const int length = static_cast<int>(actions.empty() ? 20'000 : actions.back().at.count());
  // Wrong clocks allow for nearly everything: with right ones, strict rules hold.
  if (random.Chance(0.7)) {
    std::erase_if(actions, [](const Action& action) {
      return action.kind == Kind::kClock || action.kind == Kind::kBrokerClock;
    });
  }
  const int bursts = 1 + static_cast<int>(random.Below(8));
  for (int i = 0; i < bursts; ++i) {
    const milliseconds at = Between(random, 0, length);
    Add(Announced(random, at), actions);
  }
  if (random.Chance(0.4)) {
    scenario.has_big_records = scenario.has_big_records || random.Chance(0.5);
    Add(LastDuplicates(random, milliseconds(length + 14'000)), actions);
  }
  for (const auto& [chance, tactic] : kLaterTactics) {
    if (!random.Chance(chance)) continue;
    Add(tactic(random, Between(random, 4'000, std::max(4'000, length))), actions);
  }
  SortByTime(actions);
  return scenario;
}

Scenario MakeScenario(std::uint64_t seed) {
  Random random(seed * 0x2545f4914f6cdd1dULL + 1);
  Scenario scenario;
  scenario.seed = random.Next();
  scenario.brokers = random.Chance(0.3) ? 1 : 3;
  constexpr std::array kPartitions = {1, 2, 2, 4};
  scenario.partitions = kPartitions.at(random.Below(kPartitions.size()));
  scenario.instances = 1 + static_cast<int>(random.Below(3));
  scenario.lanes = random.Chance(0.3) ? 2 : 1;
  scenario.recent = random.Chance(0.5) ? 4 + static_cast<int>(random.Below(12)) : 0;
  scenario.slow_percent = random.Chance(0.5) ? static_cast<int>(random.Below(40)) : 0;
  scenario.has_big_records = random.Chance(0.3);
  const int length = 20'000 + static_cast<int>(random.Below(40'000));
  const std::vector<Kind> menu = ChooseMenu(random);
  const double aimed = random.Chance(0.5) ? 0.5 : 0;
  const int faults = static_cast<int>(random.Below(24));
  for (int i = 0; i < faults; ++i) {
    Action action = MakeFault(random, menu, aimed);
    action.at = Between(random, 2'000, length);
    scenario.actions.push_back(action);
  }
  AddTraffic(random, length, scenario.actions);
  AddTactics(random, length, scenario.actions);
  scenario.has_epochs = random.Chance(0.5);
  if (random.Chance(0.08)) {
    scenario.actions.push_back(
        {.at = Between(random, 5'000, length),
         .kind = Kind::kRaise,
         .span = random.Chance(0.5) ? Between(random, 100, 20'000) : milliseconds(0),
         .number = 1 + static_cast<int>(random.Below(3))});
  }
  SortByTime(scenario.actions);
  return scenario;
}

}  // namespace simulation
