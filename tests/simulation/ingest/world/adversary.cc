#include "tests/simulation/ingest/world/adversary.h"

#include <algorithm>
#include <array>
#include <vector>

#include "tests/simulation/runtime/random.h"

namespace simulation::intake {
namespace {

using std::chrono::milliseconds;
using Actions = std::vector<Action>;

milliseconds Between(Random& random, int low, int high) {
  return milliseconds(low +
                      static_cast<int>(random.Below(static_cast<std::uint64_t>(high - low + 1))));
}

// Tactics. Each has an instance of its own as its target.

Action OneShots(milliseconds at, int number) {
  return {.at = at, .kind = Kind::kArriveOneShot, .target = 0, .span = {}, .number = number};
}

/// Callbacks go to the spool while Kafka is away; what happens to the process or its disk meanwhile
/// must cost none.
Actions Outage(Random& random, milliseconds at) {
  const milliseconds span = Between(random, 6'000, 40'000);
  Actions actions = {{at, Kind::kKafkaAway, 0, span, 0}};
  for (int i = 0; i < 4; ++i) {
    actions.push_back(OneShots(at + Between(random, 0, static_cast<int>(span.count())),
                               1 + static_cast<int>(random.Below(6))));
  }
  constexpr std::array kMeanwhile = {Kind::kCrash,     Kind::kPowerCut,   Kind::kStop,
                                     Kind::kDiskSync,  Kind::kDiskFull,   Kind::kDiskHangs,
                                     Kind::kFileMoved, Kind::kLogMoved,   Kind::kDiskRefuses,
                                     Kind::kFreeze,    Kind::kCannotOpen, Kind::kDiskSlow};
  const auto count = 1 + random.Below(3);
  for (std::uint64_t i = 0; i < count; ++i) {
    actions.push_back({at + Between(random, 1'000, static_cast<int>(span.count()) + 3'000),
                       kMeanwhile.at(random.Below(kMeanwhile.size())), random.Below(1'000),
                       Between(random, 100, 6'000), 0});
  }
  return actions;
}

/// fsync fails once; the power goes soon after.
Actions TornSync(Random& random, milliseconds at) {
  const std::uint64_t target = random.Below(1'000);
  const milliseconds cut = Between(random, 1'500, 6'000);
  return {{at, Kind::kKafkaAway, 0, cut + Between(random, 2'000, 8'000), 0},
          OneShots(at + milliseconds(200), 5),
          {at + Between(random, 300, 5'000), Kind::kDiskSync, target, Between(random, 20, 800), 0},
          OneShots(at + Between(random, 300, static_cast<int>(cut.count())), 5),
          OneShots(at + cut - milliseconds(300), 4),
          {at + cut, Kind::kPowerCut, target, Between(random, 100, 3'000), 0}};
}

/// Kafka comes back, and the process ends while it replays.
Actions CutReplay(Random& random, milliseconds at) {
  const milliseconds span = Between(random, 6'000, 12'000);
  return {{at, Kind::kKafkaAway, 0, span, 0},
          OneShots(at + milliseconds(100), 12),
          OneShots(at + milliseconds(5'500), 12),
          {at + span + Between(random, 0, 3'000), random.Chance(0.5) ? Kind::kCrash : Kind::kStop,
           random.Below(1'000), Between(random, 100, 2'000), 0},
          {at + span + Between(random, 0, 2'000), Kind::kReportsLate, random.Below(1'000),
           Between(random, 500, 4'000), 0}};
}

/// SIGTERM just as Kafka goes away.
Actions DrainInOutage(Random& random, milliseconds at) {
  return {OneShots(at - milliseconds(300), 4),
          {at, Kind::kKafkaAway, 0, Between(random, 8'000, 20'000), 0},
          OneShots(at + milliseconds(50), 6),
          {at + Between(random, 0, 2'000), Kind::kStop, random.Below(1'000),
           Between(random, 0, 4'000), 0},
          OneShots(at + Between(random, 100, 4'000), 6)};
}

/// Neither takes anything.
Actions BothAway(Random& random, milliseconds at) {
  const std::uint64_t target = random.Below(1'000);
  const milliseconds span = Between(random, 15'000, 35'000);
  return {{at, Kind::kKafkaAway, 0, span, 0},
          {at + Between(random, 0, 5'000), random.Chance(0.5) ? Kind::kDiskFull : Kind::kDiskHangs,
           target, span, 0},
          OneShots(at + Between(random, 0, 6'000), 6),
          OneShots(at + Between(random, 6'000, 14'000), 6)};
}

/// More than it may hold.
Actions Flood(Random& random, milliseconds at) {
  Actions actions;
  for (int i = 0; i < 4; ++i) {
    actions.push_back({at + milliseconds(300 * i),
                       Kind::kArrive,
                       0,
                       {},
                       20 + static_cast<int>(random.Below(60))});
  }
  return actions;
}

/// Callbacks that the topic refuses, while others wait behind them, and an operator's repair.
Actions Poison(Random& random, milliseconds at) {
  return {{at, Kind::kKafkaAway, 0, Between(random, 5'000, 9'000), 0},
          OneShots(at + milliseconds(100), 15),
          OneShots(at + milliseconds(4'000), 15),
          {at + Between(random, 9'000, 12'000), Kind::kBusy, random.Below(1'000),
           Between(random, 500, 4'000), 0},
          {at + Between(random, 15'000, 25'000), Kind::kRetryRefused, random.Below(1'000), {}, 0}};
}

using Tactic = Actions (*)(Random&, milliseconds);
constexpr std::array<Tactic, 7> kTactics = {&Outage,   &TornSync, &CutReplay, &DrainInOutage,
                                            &BothAway, &Flood,    &Poison};

/// The kinds of faults of one scenario, the frequent ones several times.
std::vector<Kind> ChooseMenu(Random& random) {
  std::vector<Kind> menu;
  constexpr int kFirstFault = static_cast<int>(Kind::kCrash);
  for (int kind = kFirstFault; kind < kKinds; ++kind) {
    if (!random.Chance(0.3)) continue;
    menu.insert(menu.end(), random.Chance(0.3) ? 4 : 1, static_cast<Kind>(kind));
  }
  if (menu.empty()) menu.push_back(Kind::kCrash);
  return menu;
}

}  // namespace

Scenario MakeScenario(std::uint64_t seed) {
  Random random(seed * 0x2545f4914f6cdd1dULL + 5);
  Scenario scenario;
  scenario.seed = random.Next();
  scenario.brokers = random.Chance(0.3) ? 1 : 3;
  constexpr std::array kPartitions = {1, 2, 2, 4};
  scenario.partitions = kPartitions.at(random.Below(kPartitions.size()));
  scenario.instances = 1 + static_cast<int>(random.Below(3));
  scenario.has_spool = random.Chance(0.85);
  scenario.max_in_flight = random.Chance(0.3) ? 5 + static_cast<int>(random.Below(40)) : 1'000;
  scenario.batch_ms = random.Chance(0.25) ? 0 : 20;
  scenario.has_big_records = random.Chance(0.3);
  if (scenario.has_big_records) scenario.max_callback_bytes = 6'000;
  scenario.may_read_limit = random.Chance(0.6);
  const int length = 15'000 + static_cast<int>(random.Below(40'000));
  const std::vector<Kind> menu = ChooseMenu(random);
  const int faults = static_cast<int>(random.Below(16));
  auto& actions = scenario.actions;
  for (int i = 0; i < faults; ++i) {
    actions.push_back(
        {.at = Between(random, 500, length),
         .kind = menu[random.Below(menu.size())],
         .target = random.Below(1'000),
         .span = random.Chance(0.3) ? Between(random, 5'000, 25'000) : Between(random, 50, 5'000),
         .number = static_cast<int>(random.Below(600)) - 300});
  }
  const int bursts = 5 + static_cast<int>(random.Below(30));
  for (int i = 0; i < bursts; ++i) {
    const double kind = random.Unit();
    actions.push_back({.at = Between(random, 0, length),
                       .kind = kind < 0.15  ? Kind::kRedeliver
                               : kind < 0.5 ? Kind::kArriveOneShot
                                            : Kind::kArrive,
                       .target = 0,
                       .span = {},
                       .number = 1 + static_cast<int>(random.Below(10))});
  }
  const auto tactics = random.Below(4);
  for (std::uint64_t i = 0; i < tactics; ++i) {
    const milliseconds at = Between(random, 2'000, length);
    const Actions more = kTactics.at(random.Below(kTactics.size()))(random, at);
    actions.insert(actions.end(), more.begin(), more.end());
  }
  std::stable_sort(actions.begin(), actions.end(),
                   [](const Action& a, const Action& b) { return a.at < b.at; });
  return scenario;
}

}  // namespace simulation::intake
