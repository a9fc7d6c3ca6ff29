#include "tests/simulation/world/world.h"

#include <algorithm>
#include <utility>

#include "tests/simulation/world/limits.h"

namespace simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

/// Within that, everything is disposed of once faults have stopped.
constexpr minutes kPatience{12};
/// Looks that have failed or found a process unfinished come again after minutes, and clocks may be
/// wrong by five.
constexpr minutes kPatienceForLooks{25};
/// So long something may stand while every signal says that all is well.
constexpr seconds kMayStand{90};
constexpr seconds kNothingLeftFor{45};
/// A lane waits for 60 s, from its assignment on, until it calls a transaction forgotten.
constexpr seconds kGreenFor{75};
/// As in consumer/lane_unit.cc: then /livez fails.
constexpr seconds kLongestTurn{30};
/// Of a shared site: others have numbers below.
constexpr int kFirstHost = 1'000;

}  // namespace

World::World(const Scenario& scenario, bool keeps_trace)
    : World(scenario, std::make_unique<Site>(), nullptr) {
  if (keeps_trace) trace_.KeepText();
}

World::World(const Scenario& scenario, Site& site) : World(scenario, nullptr, &site) {
  last_host_ = kFirstHost;
}

World::World(const Scenario& scenario, std::unique_ptr<Site> own, Site* shared)
    : scenario_(scenario),
      own_(std::move(own)),
      site_(shared == nullptr ? *own_ : *shared),
      runtime_(site_.runtime),
      random_(scenario.seed),
      announced_random_(scenario.seed * 0xd1342543de82ef95ULL + 5),
      trace_(site_.trace),
      providers_(RowsOfWorld(scenario.has_announcements)),
      log_("consumer",
           [this](std::string_view line) {
             if (trace_.keeps_text()) trace_.Note(runtime_.now(), line.substr(0, line.size() - 1));
           }),
      cluster_(MakeCluster()),
      api_(Random(random_.Next())) {
  judge_.Attach(runtime_, cluster_);
  const bool has_wrong_clocks = std::ranges::any_of(scenario.actions, [](const Action& action) {
    return action.kind == Kind::kClock || action.kind == Kind::kBrokerClock;
  });
  judge_.clocks_are_right = !has_wrong_clocks;
  judge_.has_big_records = scenario.has_big_records;
  api_.has_big_documents = scenario.has_big_records;
  api_.faults.slow_answers = scenario.slow_percent / 100.0;
  cluster_.network().on_sent = [this](std::string_view request, Place place, const Host& host) {
    return HasSent(request, place, host);
  };
  cluster_.network().on_done = [this](std::string_view request, Place place, const Host& host) {
    WasCarriedOut(request, place, host);
  };
  slots_.resize(static_cast<std::size_t>(scenario.instances));
  runtime_.OnRun([this](const Host& host, Runtime::FiberId fiber) {
    for (const auto& instance : all_) instance->HasRun(host, fiber);
  });
}

World::~World() = default;

Cluster& World::MakeCluster() {
  if (own_ == nullptr) return *site_.cluster;
  return site_.cluster.emplace(runtime_, Random(random_.Next()), trace_, judge_,
                               Cluster::Settings{.brokers = scenario_.brokers,
                                                 .partitions = scenario_.partitions,
                                                 .dead_partitions = 2,
                                                 .has_announcements = scenario_.has_announcements,
                                                 .has_epochs = scenario_.has_epochs});
}

void World::Begin() {
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) Start(slot);
  Look();
  Supervise();
}

Outcome World::Run() {
  const Time begun_at = runtime_.now();
  Begin();
  std::size_t faults = 0;
  for (const Action& action : scenario_.actions) {
    runtime_.RunUntil(begun_at + action.at);
    faults += IsTraffic(action.kind) ? 0 : 1;
    Do(action);
  }
  runtime_.RunUntil(runtime_.now() + seconds(2));
  EndFaults();
  const Time deadline =
      runtime_.now() + (scenario_.has_announcements ? kPatienceForLooks : kPatience);
  bool is_done = false;
  while (!is_done && runtime_.now() < deadline) {
    runtime_.RunUntil(runtime_.now() + seconds(1));
    is_done = IsDone();
  }
  JudgeEnd(is_done);
  const auto covered = std::chrono::duration_cast<seconds>(runtime_.now() - begun_at);
  EndAll();
  return {.violations = judge_.violations(),
          .hash = trace_.hash(),
          .facts = judge_.facts(),
          .faults = faults,
          .covered = covered,
          .forgotten = cluster_.transactions().forgotten(),
          .partitions = cluster_.PartitionsOf(Topic::kCallbacks),
          .announced = judge_.announced(),
          .reconciled = judge_.reconciled(),
          .lost = judge_.lost(),
          .trace = trace_.lines()};
}

void World::Start(std::size_t slot) {
  const std::string name = "i" + std::to_string(slot);
  all_.push_back(std::make_unique<Instance>(runtime_, api_, providers_, log_, judge_, ++last_host_,
                                            name, scenario_.lanes, random_.Next(),
                                            scenario_.has_announcements));
  slots_[slot] = all_.back().get();
  slots_[slot]->Start();
}

bool World::IsDone() const {
  if (raise_.is_on || awaited_ > 0 || !judge_.Owed().empty()) return false;
  if (!judge_.Undisposed(Time::max()).empty() || !cluster_.transactions().IsQuiet()) return false;
  if (cluster_.group().HasPending()) return false;
  for (int partition = 0; partition < cluster_.PartitionsOf(Topic::kCallbacks); ++partition) {
    const PartitionLog& log = cluster_.log({Topic::kCallbacks, partition});
    const Offset end = log.end();
    const auto found = cluster_.group().offsets().find(partition);
    if (found == cluster_.group().offsets().end() && log.begin() == end) continue;
    if (end > 0 && (found == cluster_.group().offsets().end() || found->second.offset != end)) {
      return false;
    }
  }
  return true;
}

// A lane needs some looks to notice that records have expired unread.
void World::JudgeSilence() {
  const Time enough = runtime_.now() + seconds(60);
  while (!judge_.Untold().empty() && runtime_.now() < enough) {
    runtime_.RunUntil(runtime_.now() + seconds(1));
  }
  for (const std::string& untold : judge_.Untold()) judge_.Blame(untold);
}

void World::JudgeEnd(bool is_done) {
  if (is_done) return JudgeSilence();
  // Only an operator may be able to end a forgotten transaction; then a signal must say so.
  if (cluster_.transactions().forgotten() > 0 && !IsGreen()) return;
  auto left = judge_.Undisposed(Time::max());
  const auto owed = judge_.Owed();
  const auto patience = scenario_.has_announcements ? kPatienceForLooks : kPatience;
  const std::string text = "not at rest " + std::to_string(patience.count()) +
                           " min after the last fault: " + std::to_string(left.size()) +
                           " facts stand, " + std::to_string(owed.size()) +
                           " announced processes have no result" +
                           (raise_.is_on ? ", and partitions are still being added" : "");
  left.insert(left.end(), owed.begin(), owed.end());
  judge_.Blame(text + (left.empty() ? std::string() : ", the first one is " + left.front()));
}

bool World::HoldsForAllLanes(const std::function<bool(const consumer::LaneGauges&)>& holds) const {
  std::size_t lanes = 0;
  for (const auto& instance : all_) {
    if (!instance->is_alive()) continue;
    for (const auto& lane : instance->lanes()) {
      ++lanes;
      if (!lane->status().pulse().IsAlive(runtime_.now(), kLongestTurn)) return false;
      if (!lane->status().is_in_group() || !holds(lane->signals().gauges)) return false;
      if (lane->signals().refuses_partitions) return false;
    }
  }
  return lanes > 0;
}

bool World::IsGreen() const {
  return HoldsForAllLanes([](const consumer::LaneGauges& gauges) {
    return gauges.pending == 0 && gauges.lag == 0 && gauges.stuck == 0 &&
           gauges.forgotten == consumer::ForgottenPlaces() && gauges.restoring == 0 &&
           gauges.set_aside == 0 && gauges.unread.value_or(0) == 0;
  });
}

bool World::SaysNothingIsLeft() const {
  return HoldsForAllLanes(
      [](const consumer::LaneGauges& gauges) { return gauges.pending == 0 && gauges.lag == 0; });
}

void World::Look() {
  for (const auto& instance : all_) {
    for (const auto& lane : instance->lanes()) {
      const Signals& signals = lane->signals();
      if (signals.gauges.pending > kMostPending)
        judge_.Blame("in hand: " + std::to_string(signals.gauges.pending));
      if (signals.in_flight > kMostInFlight) judge_.Blame("too many requests in flight");
    }
  }
  LookForFalseGreen();
  runtime_.After(seconds(1), [this] { Look(); });
}

void World::LookForFalseGreen() {
  const Time now = runtime_.now();
  if (!IsGreen()) not_green_at_ = now;
  if (!SaysNothingIsLeft()) something_left_at_ = now;
  if (now - not_green_at_ >= kGreenFor) {
    const auto standing = judge_.Undisposed(now - kMayStand);
    if (!standing.empty()) {
      judge_.Blame("all signals are green, but fact " + standing.front() + " stands");
      not_green_at_ = now;
    }
  }
  if (now - something_left_at_ >= kNothingLeftFor) {
    const auto standing = judge_.Unhandled(now - kMayStand);
    if (!standing.empty()) {
      judge_.Blame("lag and callbacks in hand are 0, but fact " + standing.front() + " stands");
      something_left_at_ = now;
    }
  }
}

void World::CrashAll() {
  ++peace_;
  EndRaise();
  std::fill(slots_.begin(), slots_.end(), nullptr);  // Nobody starts them again.
  for (const auto& instance : all_) instance->Crash();
}

void World::LeaveAll() {
  for (auto& instance : all_) static_cast<void>(instance.release());
}

void World::EndAll() {
  CrashAll();
  const Time enough = runtime_.now() + minutes(10);
  const auto have_ended = [this] { return runtime_.fibers() == 0; };
  while (!have_ended() && runtime_.now() < enough) runtime_.RunUntil(runtime_.now() + seconds(1));
  if (have_ended()) return;
  judge_.Blame("a process does not end");
  LeaveAll();
}

Outcome RunScenario(const Scenario& scenario, bool keeps_trace) {
  World world(scenario, keeps_trace);
  return world.Run();
}

}  // namespace simulation
