#include "tests/simulation/joint/adversary.h"

#include <algorithm>
#include <array>
#include <utility>

#include "tests/simulation/ingest/world/adversary.h"
#include "tests/simulation/runtime/random.h"
#include "tests/simulation/world/adversary.h"
#include "tests/simulation/world/tactics.h"

namespace simulation::joint {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using Actions = std::vector<Action>;

/// Markers are known for 48 h: what comes later is another delivery.
constexpr minutes kLongestSleep{40 * 60};
/// The shortest window is an hour, and brokers may differ by twice that.
constexpr int kMostMinutesWrong = 10;

intake::Action Of(milliseconds at, intake::Kind kind, std::uint64_t target = 0,
                  milliseconds span = {}, int number = 0) {
  return {.at = at, .kind = kind, .target = target, .span = span, .number = number};
}

intake::Action OneShots(milliseconds at, int number) {
  return Of(at, intake::Kind::kArriveOneShot, 0, {}, number);
}

Sleep SleepAt(Random& random, milliseconds at) {
  constexpr std::array kHours = {3, 3, 6, 14, 26, 40};
  return {.at = at, .span = minutes(60 * kHours.at(random.Below(kHours.size())))};
}

/// Sometimes a consumer crashes, is evicted, or stops before the copies come.
void AddHandOver(Random& random, milliseconds at, Actions& actions) {
  if (random.Chance(0.5)) return;
  constexpr std::array kKinds = {simulation::Kind::kCrash, simulation::Kind::kEvict,
                                 simulation::Kind::kStop};
  actions.emplace_back(simulation::Action{.at = at,
                                          .kind = kKinds.at(random.Below(kKinds.size())),
                                          .target = random.Below(1'000),
                                          .span = Between(random, 50, 4'000)});
}

// Tactics.

// Kafka has written callbacks when its acks are lost and it goes away: they go to the spool, and
// are replayed hours later.
Actions LostAcks(Random& random, milliseconds at) {
  const milliseconds lost = Between(random, 6'000, 8'000);
  const milliseconds away = at + lost;
  const milliseconds span = Between(random, 3'000, 12'000);
  Actions actions = {AcksLost{.at = at, .span = lost}, OneShots(at + milliseconds(50), 6),
                     OneShots(at + milliseconds(300), 3),
                     Of(away - milliseconds(500), intake::Kind::kKafkaAway, 0, span)};
  const milliseconds slept = away + Between(random, 500, 2'000);
  actions.emplace_back(SleepAt(random, slept));
  AddHandOver(random, slept + milliseconds(200), actions);
  actions.emplace_back(OneShots(away + span + Between(random, 0, 3'000), 3));
  return actions;
}

// A broker stands still with callbacks in its sockets: it writes them when it wakes up hours later,
// perhaps after the replay.
Actions LateCopies(Random& random, milliseconds at) {
  const std::uint64_t broker = random.Below(1'000);
  const milliseconds span = Between(random, 9'000, 20'000);
  const bool is_one = random.Chance(0.5);
  Actions actions = {
      Of(at, is_one ? intake::Kind::kBrokerFreeze : intake::Kind::kKafkaAway, broker, span),
      OneShots(at + milliseconds(100), 8),
      Of(at + milliseconds(150), intake::Kind::kArrive, 0, {}, 6)};
  const milliseconds slept = at + Between(random, 6'500, 8'500);
  actions.emplace_back(SleepAt(random, slept));
  AddHandOver(random, slept + milliseconds(200), actions);
  return actions;
}

// The machine of an ingest is off for hours, with copies of what Kafka has in its spool.
Actions MachineOff(Random& random, milliseconds at) {
  const std::uint64_t target = random.Below(1'000);
  const milliseconds lost = Between(random, 6'000, 7'500);
  const milliseconds cut = at + lost + Between(random, 50, 1'000);
  Actions actions = {AcksLost{.at = at, .span = lost + milliseconds(2'000)},
                     OneShots(at + milliseconds(50), 8),
                     Of(cut, random.Chance(0.5) ? intake::Kind::kPowerCut : intake::Kind::kCrash,
                        target, Between(random, 2'000, 9'000)),
                     SleepAt(random, cut + Between(random, 100, 1'500))};
  AddHandOver(random, cut + milliseconds(1'700), actions);
  return actions;
}

using Tactic = Actions (*)(Random&, milliseconds);
constexpr std::array<Tactic, 3> kTactics = {&LostAcks, &LateCopies, &MachineOff};

/// Arrivals go through ingest.
Action ThroughIngest(Random& random, const simulation::Action& action) {
  const intake::Kind kind = action.kind == simulation::Kind::kRedeliver ? intake::Kind::kRedeliver
                            : random.Chance(0.4) ? intake::Kind::kArriveOneShot
                                                 : intake::Kind::kArrive;
  return Of(action.at, kind, 0, {}, action.number);
}

void AddOfConsumers(Random& random, const simulation::Scenario& scenario, bool has_faults,
                    Actions& actions) {
  for (simulation::Action action : scenario.actions) {
    if (simulation::IsTraffic(action.kind)) {
      if (action.aim == simulation::Aim::kNone && random.Chance(0.6)) {
        actions.emplace_back(ThroughIngest(random, action));
      }
      continue;
    }
    // Its ingest would have to be stopped, too.
    if (action.kind == simulation::Kind::kRaise) continue;
    if (action.kind == simulation::Kind::kBrokerClock) action.number %= kMostMinutesWrong;
    if (has_faults) actions.emplace_back(action);
  }
}

void AddOfIngest(Random& random, const intake::Scenario& scenario, bool has_faults,
                 Actions& actions) {
  for (const intake::Action& action : scenario.actions) {
    if (intake::IsTraffic(action.kind) ? random.Chance(0.6) : has_faults) {
      actions.emplace_back(action);
    }
  }
}

/// Sleeps together are shorter than markers are known.
void LimitSleeps(Actions& actions) {
  minutes slept{};
  std::erase_if(actions, [&](const Action& action) {
    const auto* const sleep = std::get_if<Sleep>(&action);
    if (sleep == nullptr) return false;
    if (slept + sleep->span > kLongestSleep) return true;
    slept += sleep->span;
    return false;
  });
}

/// A place of `callbacks` then names several callbacks, so nobody can say whose outcome it is.
void RemoveOperatorsOfRecreated(Actions& actions) {
  const bool is_recreated = std::ranges::any_of(actions, [](const Action& action) {
    const auto* const of_consumers = std::get_if<simulation::Action>(&action);
    return of_consumers != nullptr && of_consumers->kind == simulation::Kind::kRecreate;
  });
  if (!is_recreated) return;
  std::erase_if(actions,
                [](const Action& action) { return std::holds_alternative<Operate>(action); });
}

}  // namespace

Scenario MakeScenario(std::uint64_t seed) {
  Random random(seed * 0xbf58476d1ce4e5b9ULL + 7);
  Scenario scenario{.consumers = simulation::MakeScenario(random.Next()),
                    .ingest = intake::MakeScenario(random.Next())};
  scenario.ingest.brokers = scenario.consumers.brokers;
  scenario.ingest.partitions = scenario.consumers.partitions;
  const double whose = random.Unit();
  auto& actions = scenario.actions;
  AddOfConsumers(random, scenario.consumers, whose < 0.8, actions);
  AddOfIngest(random, scenario.ingest, whose > 0.2, actions);
  scenario.consumers.actions.clear();
  scenario.ingest.actions.clear();
  const auto tactics = random.Below(3);
  for (std::uint64_t i = 0; i < tactics; ++i) {
    const milliseconds at = Between(random, 8'000, 45'000);
    const Actions more = kTactics.at(random.Below(kTactics.size()))(random, at);
    actions.insert(actions.end(), more.begin(), more.end());
  }
  const auto jobs = random.Below(5);
  for (std::uint64_t i = 0; i < jobs; ++i) {
    actions.emplace_back(Operate{.at = Between(random, 5'000, 60'000),
                                 .job = random.Chance(0.6) ? Job::kRedrive : Job::kAudit});
  }
  if (random.Chance(0.4)) {
    scenario.consumers.has_announcements = true;
    const auto bursts = 1 + random.Below(4);
    for (std::uint64_t i = 0; i < bursts; ++i) {
      actions.emplace_back(simulation::Action{.at = Between(random, 1'000, 50'000),
                                              .kind = simulation::Kind::kAnnounce,
                                              .number = 1 + static_cast<int>(random.Below(6))});
    }
  }
  std::stable_sort(actions.begin(), actions.end(),
                   [](const Action& a, const Action& b) { return TimeOf(a) < TimeOf(b); });
  LimitSleeps(actions);
  RemoveOperatorsOfRecreated(actions);
  return scenario;
}

}  // namespace simulation::joint
