// Twelve producers of results under kills, freezes and broker kills, on a machine that busy loops
// starve. No result may be doubled or lost. If Kafka forgets a transaction, consumer or sluicectl
// must end it, and the run reports which one did.
#include "tests/soak/starved.h"

#include "tests/harness/faults.h"
#include "tests/harness/log_events.h"
#include "tests/soak/instances.h"
#include "tests/soak/scenarios.h"
#include "tests/soak/starved_plan.h"
#include "tests/soak/starved_verdict.h"
#include "tests/support/wait_until.h"

namespace soak {
namespace {

using std::chrono::seconds;
using Time = tests::FaultSchedule::Time;
using Kind = PlannedFault::Kind;

constexpr int kBusyLoops = 4;
constexpr seconds kAtWork(45);

/// Keeps the machine busy during its lifetime.
std::vector<std::unique_ptr<tests::Process>> KeepBusy() {
  std::vector<std::unique_ptr<tests::Process>> loops;
  loops.reserve(kBusyLoops);
  for (int i = 0; i < kBusyLoops; ++i) {
    loops.push_back(std::make_unique<tests::Process>(
        "/bin/sh", std::vector<std::string>{"-c", "ulimit -t 900; while :; do :; done"}));
  }
  return loops;
}

std::unique_ptr<tests::Fault> MakeFault(Run& run, const PlannedFault& planned) {
  if (planned.kind == Kind::kBroker) {
    return std::make_unique<tests::KilledNode>(run.broker(), planned.victim);
  }
  if (planned.kind == Kind::kPause) return std::make_unique<tests::FrozenBroker>(run.broker());
  tests::Program& victim =
      run.pipeline().consumer_program(InstanceNames()[static_cast<std::size_t>(planned.victim)]);
  if (planned.kind == Kind::kKill) return std::make_unique<tests::KilledProgram>(victim);
  return std::make_unique<tests::FrozenProgram>(victim);
}

/// Acts like a supervisor for an instance that has exited. If the answer to a join is lost, Kafka
/// may take the repeated join for another member of the same name; the instance then exits with
/// status 1.
void Revive(tests::Program& instance, int& revived) {
  if (instance.IsRunning()) return;
  if (tests::CountEvents(instance.Log(), "consumer.cannot_run") == 0) instance.Require();
  instance.Start();
  ++revived;
}

/// Each fault waits until the previous fault of the same victim is over. Nodes count as one victim.
void FollowRound(Run& run, tests::FaultSchedule& faults, const std::vector<PlannedFault>& round,
                 int& revived) {
  const Time begun = Time::clock::now();
  for (const PlannedFault& planned : round) {
    auto fault = MakeFault(run, planned);
    const auto may_happen = [&] {
      return Time::clock::now() >= begun + planned.at && faults.IsFree(fault->victim());
    };
    AwaitAmongFaults(faults, may_happen, seconds(300), fault->victim() + " stays busy");
    if (fault->victim() != "broker") {
      Revive(run.pipeline().consumer_program(
                 InstanceNames()[static_cast<std::size_t>(planned.victim)]),
             revived);
    }
    faults.Inflict(std::move(fault), planned.lasting, Time::clock::now());
  }
  faults.Finish();
}

}  // namespace

bool IsAtWork(Run& run, int& revived) {
  for (const std::string& name : InstanceNames()) {
    Revive(run.pipeline().consumer_program(name), revived);
  }
  return AreAllReady(run.pipeline());
}

void PlayStarved(Run& run) {
  const Options& options = run.options();
  const int copies = options.copies.value_or(options.nodes);
  const int rate = options.rate.value_or(240);
  const int callbacks = options.callbacks.value_or(rate * 25);
  run.StartBroker(options.nodes);
  tests::Pipeline& pipeline = run.StartPipeline(copies);
  UseShortSessions(pipeline);
  // One producer per partition and short transactions, so that a killed broker is likely to be
  // ending one.
  pipeline.consumer_settings = {{"lanes", "4"}, {"commit_interval", "10ms"}};
  StartInstances(run);
  auto busy_loops = KeepBusy();
  CallbackWriter writer(run.broker().bootstrap(),
                        {.topic = pipeline.topics().callbacks,
                         .deliveries = PlanDeliveries(callbacks, 1, run.seed()),
                         .rate = rate});
  StarvedRun starved{.run = run, .copies = copies, .callbacks = callbacks};
  const auto rounds =
      PlanStarved(run.seed(), options.nodes, copies, static_cast<int>(InstanceNames().size()));
  for (std::size_t i = 0; i < rounds.size(); ++i) {
    run.Step("  round " + std::to_string(i + 1) + " of " + std::to_string(rounds.size()));
    FollowRound(run, starved.faults, rounds[i], starved.revived);
    // If it is not, something hangs, and no more faults are needed.
    if (!tests::WaitUntil([&] { return IsAtWork(run, starved.revived); }, kAtWork)) break;
  }
  writer.Hurry();
  writer.Finish();
  busy_loops.clear();
  run.Step("no more faults; waiting until everything is handled");
  JudgeStarved(starved);
}

}  // namespace soak
