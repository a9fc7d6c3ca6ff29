#include "tests/simulation/joint/world.h"

#include <algorithm>
#include <array>
#include <utility>

namespace simulation::joint {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

/// Within that, everything is disposed of once faults have stopped: consumers need it.
constexpr minutes kPatience{12};
constexpr minutes kPatienceForLooks{25};
constexpr seconds kShortestPeace{25};
constexpr seconds kUntilProbe{20};
constexpr minutes kLongestEnd{10};
constexpr minutes kLongestAudit{5};

Cluster::Settings ClusterOf(const Scenario& scenario) {
  return {.brokers = scenario.consumers.brokers,
          .partitions = scenario.consumers.partitions,
          .dead_partitions = 2,
          .has_announcements = scenario.consumers.has_announcements,
          .max_callback_bytes = static_cast<std::size_t>(scenario.ingest.max_callback_bytes),
          .has_epochs = scenario.consumers.has_epochs};
}

/// After such an action nobody can say when a process was finished, or how late a callback is.
bool ConfusesClocks(const Action& action) {
  if (std::holds_alternative<Sleep>(action)) return true;
  const auto* const of_consumers = std::get_if<simulation::Action>(&action);
  if (of_consumers == nullptr) return false;
  return of_consumers->kind == simulation::Kind::kClock ||
         of_consumers->kind == simulation::Kind::kBrokerClock;
}

/// Callbacks of a probe at the end, which shows that all goes on.
constexpr int kProbes = 8;

}  // namespace

World::World(const Scenario& scenario, bool keeps_trace)
    : scenario_(scenario), operators_(site_.runtime, scenario.consumers.has_announcements) {
  if (keeps_trace) site_.trace.KeepText();
  Random random(scenario.consumers.seed ^ scenario.ingest.seed);
  site_.cluster.emplace(site_.runtime, Random(random.Next()), site_.trace, judge_,
                        ClusterOf(scenario));
  consumers_ = std::make_unique<simulation::World>(scenario.consumers, site_);
  intake::Scenario of_ingest = scenario.ingest;
  of_ingest.brokers = scenario.consumers.brokers;
  of_ingest.partitions = scenario.consumers.partitions;
  ingest_ = std::make_unique<intake::World>(of_ingest, site_);
  judge_.Attach(consumers_->judge(), ingest_->judge(), ingest_->senders());
  WatchAcks();
  consumers_->judge().clocks_are_right = std::ranges::none_of(scenario.actions, &ConfusesClocks);
  consumers_->Begin();
}

World::~World() = default;

void World::WatchAcks() {
  Network& network = site_.cluster->network();
  network.on_sent = [this, others = network.on_sent](std::string_view request, Place place,
                                                     const Host& host) {
    Mishap mishap = others(request, place, host);
    if (request == "Produce plain" && site_.runtime.now() < acks_lost_until_) {
      mishap.is_answer_lost = true;
      ingest_->DoubtKafka();
    }
    return mishap;
  };
}

void World::Do(const Action& action) {
  std::visit([this](const auto& one) { DoOne(one); }, action);
  ingest_->NoteTroubles();
}

void World::DoOne(const Sleep& sleep) {
  site_.trace.Note(site_.runtime.now(), "all sleep", sleep.span.count());
  // Read hours later, they would be deliveries of another time.
  ingest_->BreakUnread();
  site_.runtime.Suspend(sleep.span);
}

void World::DoOne(const AcksLost& lost) {
  site_.trace.Note(site_.runtime.now(), "acks are lost", lost.span.count());
  acks_lost_until_ = std::max(acks_lost_until_, site_.runtime.now() + lost.span);
  ingest_->DoubtKafka();
}

void World::DoOne(const Operate& operate) {
  site_.trace.Note(site_.runtime.now(), "an operator", static_cast<int>(operate.job));
  if (operate.job == Job::kRedrive) return operators_.Redrive();
  operators_.Audit(true);
}

Outcome World::Run() {
  const Time begun = site_.runtime.now();
  Time end = begun + seconds(5);
  std::size_t faults = 0;
  for (const Action& action : scenario_.actions) {
    site_.runtime.At(begun + TimeOf(action), [this, action] { Do(action); });
    end = std::max(end, begun + TimeOf(action));
    faults += IsTraffic(action) ? 0 : 1;
  }
  site_.runtime.RunUntil(end + seconds(2));
  AwaitRest();
  const Time over = site_.runtime.now();
  EndAll();
  return {.violations = judge_.violations(),
          .hash = site_.trace.hash(),
          .facts = ingest_->senders().facts(),
          .deliveries = ingest_->senders().deliveries(),
          .promised = ingest_->judge().promised(),
          .copies = ingest_->judge().copies(),
          .spooled = ingest_->judge().spooled(),
          .disposed = consumers_->judge().disposed(),
          .announced = consumers_->judge().announced(),
          .reconciled = consumers_->judge().reconciled(),
          .redriven = operators_.redriven(),
          .healed = operators_.healed(),
          .audits = operators_.audits(),
          .faults = faults,
          .covered = std::chrono::duration_cast<seconds>(over - begun),
          .trace = site_.trace.lines()};
}

void World::AwaitRest() {
  acks_lost_until_ = {};
  ingest_->EndFaults();
  consumers_->EndFaults();
  const Time peace = site_.runtime.now();
  site_.runtime.After(kUntilProbe, [this] { ingest_->senders().SendNew(kProbes, false); });
  bool is_done = false;
  const auto patience = scenario_.consumers.has_announcements ? kPatienceForLooks : kPatience;
  while (!is_done && site_.runtime.now() < peace + patience) {
    site_.runtime.RunUntil(site_.runtime.now() + seconds(1));
    if (!judge_.violations().empty()) return;
    is_done = site_.runtime.now() > peace + kShortestPeace && !operators_.is_busy() &&
              ingest_->IsDone() && consumers_->IsDone();
  }
  ingest_->judge().JudgeEnd();
  consumers_->JudgeEnd(is_done);
  if (!is_done) return;
  judge_.JudgeEnd();
  if (judge_.violations().empty()) AuditAll();
}

namespace {

/// After such an action, outcomes may be missing, or times may not tell what belongs together.
bool ConfusesAudits(const Action& action) {
  if (const auto* const of_ingest = std::get_if<intake::Action>(&action)) {
    return of_ingest->kind == intake::Kind::kClock;
  }
  const auto* const of_consumers = std::get_if<simulation::Action>(&action);
  if (of_consumers == nullptr) return false;
  using simulation::Kind;
  constexpr std::array kKinds = {Kind::kClock,   Kind::kBrokerClock, Kind::kMarkersLost,
                                 Kind::kForget,  Kind::kTruncate,    Kind::kExpire,
                                 Kind::kRecreate};
  return std::ranges::find(kKinds, of_consumers->kind) != kKinds.end();
}

}  // namespace

void World::AuditAll() {
  if (std::ranges::any_of(scenario_.actions, &ConfusesAudits)) return;
  // A partition may be without a leader for two minutes more.
  const Time enough = site_.runtime.now() + kLongestAudit;
  do {
    operators_.Audit(false);
    site_.runtime.RunUntil(site_.runtime.now() + seconds(1));
  } while (!operators_.failure().empty() && site_.runtime.now() < enough);
  if (!operators_.failure().empty()) {
    consumers_->judge().Blame("an audit fails: " + operators_.failure());
  }
  for (const std::string& finding : operators_.findings()) {
    consumers_->judge().Blame("an audit has a " + finding);
  }
}

void World::EndAll() {
  const Time enough = site_.runtime.now() + kLongestEnd;
  const auto wait_for = [&](const auto& has_ended) {
    while (!has_ended() && site_.runtime.now() < enough) {
      site_.runtime.RunUntil(site_.runtime.now() + seconds(1));
    }
    return has_ended();
  };
  operators_.Stop();
  ingest_->StopAll();
  static_cast<void>(wait_for([this] { return ingest_->HaveAllEnded(); }));
  consumers_->CrashAll();
  if (wait_for([this] { return site_.runtime.fibers() == 0; })) return;
  consumers_->judge().Blame("a process does not end");
  consumers_->LeaveAll();
  ingest_->LeaveAll();
}

Outcome RunScenario(const Scenario& scenario, bool keeps_trace) {
  World world(scenario, keeps_trace);
  return world.Run();
}

}  // namespace simulation::joint
