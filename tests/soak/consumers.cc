// Three consumer instances are killed, stopped and frozen past their session, and brokers are
// killed, while callbacks with three redeliveries each arrive. Each callback must have one result
// and one marker. With --lose, all processes are announced and some callbacks never come: their
// processes must have one result, too.
#include <algorithm>

#include "tests/harness/faults.h"
#include "tests/soak/callback_writer.h"
#include "tests/soak/instances.h"
#include "tests/soak/scenarios.h"
#include "tests/soak/settlement.h"

namespace soak {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using tests::FaultSchedule;

constexpr int kNodes = 3;
constexpr int kRedeliveries = 3;
/// One for each row by whose route the callback may come yet.
constexpr int kMarkersOfReconciled = 4;

struct Drawn {
  std::unique_ptr<tests::Fault> fault;
  milliseconds lasting;
};

Drawn DrawFault(Run& run) {
  const int kind = run.Draw(0, 3);
  if (kind == 3) {
    const int node = run.Draw(1, kNodes);
    return {std::make_unique<tests::KilledNode>(run.broker(), node),
            run.DrawTime(seconds(0), seconds(3))};
  }
  const auto& names = InstanceNames();
  auto& victim = run.pipeline().consumer_program(
      names[static_cast<std::size_t>(run.Draw(0, static_cast<int>(names.size()) - 1))]);
  if (kind == 0) {
    return {std::make_unique<tests::KilledProgram>(victim), run.DrawTime(seconds(0), seconds(10))};
  }
  if (kind == 1) {
    return {std::make_unique<tests::StoppedProgram>(victim), run.DrawTime(seconds(0), seconds(5))};
  }
  return {std::make_unique<tests::FrozenProgram>(victim),
          kSession + run.DrawTime(seconds(1), seconds(8))};
}

void InflictAll(Run& run, FaultSchedule& faults, const CallbackWriter& writer, int count) {
  for (int number = 1; number <= count; ++number) {
    const auto next = FaultSchedule::Time::clock::now() + run.DrawTime(seconds(2), seconds(10));
    AwaitAmongFaults(
        faults, [&] { return FaultSchedule::Time::clock::now() >= next; }, seconds(60),
        "the wait does not end");
    std::optional<Drawn> drawn;
    AwaitAmongFaults(
        faults,
        [&] {
          drawn = DrawFault(run);
          return faults.IsFree(drawn->fault->victim());
        },
        seconds(180), "every victim is busy");
    faults.Inflict(std::move(drawn->fault), drawn->lasting, FaultSchedule::Time::clock::now());
    if (number % 10 == 0) {
      run.Step("  " + std::to_string(number) + " faults" +
               (writer.IsDone() ? ", all written" : ""));
    }
  }
  faults.Finish();
}

/// The callbacks that never come, in order.
std::vector<int> ChooseLost(const Run& run, int callbacks) {
  std::vector<int> lost;
  for (int callback = 0; callback < callbacks; ++callback) {
    if (IsLost(callback, run.options().lose, run.seed())) lost.push_back(callback);
  }
  return lost;
}

/// Announces each process at about the time of its first delivery.
std::unique_ptr<CallbackWriter> AnnounceAll(Run& run, int callbacks, int rate) {
  if (run.options().lose == 0) return nullptr;
  return std::make_unique<CallbackWriter>(
      run.broker().bootstrap(),
      CallbackWriter::Plan{.topic = run.pipeline().topics().expected,
                           .deliveries = PlanDeliveries(callbacks, 0, run.seed()),
                           .rate = std::max(1, rate / (1 + kRedeliveries)),
                           .record_of = AnnouncementRecord});
}

std::int64_t CountReconciled(tests::Pipeline& pipeline) {
  std::int64_t count = 0;
  pipeline.kafka().ForEach(
      pipeline.topics().processes, tests::Isolation::kReadCommitted,
      [&](const tests::Record& record) {
        if (common::LastHeader(record.headers, "reconciled")) ++count;
      },
      seconds(300));
  return count;
}

/// False as long as an announced process is outstanding, or an instance does not know.
bool IsNothingExpected(const tests::Pipeline& pipeline) {
  for (const std::string& name : InstanceNames()) {
    for (const char* state : {"waiting", "due"}) {
      if (GaugeOf(pipeline, name, "expected", {{"state", state}}) != 0.0) return false;
    }
  }
  return true;
}

void Judge(Run& run, int callbacks, std::int64_t reconciled, const std::string& handled_after) {
  tests::Pipeline& pipeline = run.pipeline();
  const auto& topics = pipeline.topics();
  // The markers of the last transaction reach the topics at different times.
  for (const auto& topic : {topics.processes, topics.seen}) pipeline.kafka().AwaitSettled(topic);
  const auto results = ReadKeys(pipeline, topics.processes);
  const std::int64_t markers = std::ssize(ReadKeys(pipeline, topics.seen));
  const auto dead = pipeline.DeadLetters().size();
  const tests::Discrepancy found = tests::Compare(ExpectAll(callbacks), results);
  const auto logged = [&](const char* event) {
    return std::to_string(CountLogged(pipeline, event));
  };
  run.Tell(std::to_string(pipeline.CountCallbacks()) + " deliveries of " +
           std::to_string(callbacks) + " callbacks, handled " + handled_after +
           " after the first: " + std::to_string(results.size()) + " results, " +
           std::to_string(markers) + " markers, " + std::to_string(dead) + " dead letters");
  run.Tell("meanwhile: " + logged("lane.assigned") + " assignments, " +
           logged("transaction.not_committed") + " transactions not committed, " +
           logged("producer.recycled") + " producers recycled, " + logged("commit.withheld") +
           " commits withheld, " + logged("reading.stalled") + " stalled reads and " +
           logged("restore.stuck") + " stuck restores");
  FailIfAny(run, static_cast<std::int64_t>(found.missing.size()), "callbacks have no result");
  FailIfAny(run, found.surplus, "surplus results");
  FailIfAny(run, static_cast<std::int64_t>(dead), "dead letters");
  const std::int64_t expected = callbacks + reconciled * (kMarkersOfReconciled - 1);
  run.FailIf(markers != expected,
             std::to_string(markers) + " markers, not " + std::to_string(expected));
}

}  // namespace

void PlayConsumers(Run& run) {
  const int count = run.options().count.value_or(100);
  const int callbacks = run.options().callbacks.value_or(100'000);
  const int deliveries = callbacks * (1 + kRedeliveries);
  // A fault occurs every 6 s, and the load must last as long as the faults.
  const int rate = run.options().rate.value_or(deliveries / (count * 13 / 2 + 1) + 1);
  run.StartBroker(kNodes);
  tests::Pipeline& pipeline = run.StartPipeline(kNodes);
  UseShortSessions(pipeline);
  const std::vector<int> lost = ChooseLost(run, callbacks);
  if (run.options().lose > 0) {
    pipeline.consumer_settings["expected"] = "{ within: 20s, max_wait: 1h, rate: 50 }";
  }
  run.Step("starting three instances, and " + std::to_string(rate) +
           " deliveries a second: " + std::to_string(callbacks) + " callbacks, each 4 times");
  pipeline.consumer_settings["lanes"] = "2";
  pipeline.StartConsumer(InstanceNames().front());
  pipeline.consumer_settings["lanes"] = "1";
  StartInstances(run);
  std::vector<int> plan = PlanDeliveries(callbacks, kRedeliveries, run.seed());
  std::erase_if(plan, [&](int callback) { return std::ranges::binary_search(lost, callback); });
  const auto announcements = AnnounceAll(run, callbacks, rate);
  CallbackWriter writer(
      run.broker().bootstrap(),
      {.topic = pipeline.topics().callbacks, .deliveries = std::move(plan), .rate = rate});
  const common::WallTime first = common::WallNow();
  FaultSchedule faults;
  InflictAll(run, faults, writer, count);
  const milliseconds under_faults = common::WallNow() - first;
  for (CallbackWriter* one : {&writer, announcements.get()}) {
    if (one == nullptr) continue;
    one->Hurry();
    one->Finish();
  }
  run.Step(
      "all deliveries are written and no more faults follow; waiting until everything is handled");
  const auto is_handled = [&] {
    return AreAllReady(pipeline) && pipeline.AwaitAllDisposed(seconds(1)) &&
           (!announcements || IsNothingExpected(pipeline));
  };
  run.Await(is_handled, seconds(120 + deliveries / 500), "not everything is handled");
  const std::string handled_after = Seconds(common::WallNow() - first);
  const auto counted = [&](const char* kind) { return std::to_string(faults.Count(kind)); };
  run.Tell(std::to_string(count) + " faults in " + Seconds(under_faults) + ": " + counted("kill") +
           " kills, " + counted("stop") + " stops, " + counted("freeze") +
           " freezes past the session, " + counted("broker") + " brokers killed");
  const std::int64_t reconciled = announcements ? CountReconciled(pipeline) : 0;
  if (announcements) {
    run.Tell(std::to_string(callbacks) + " processes announced, of which " +
             std::to_string(lost.size()) +
             " have no callback; reconciled: " + std::to_string(reconciled));
  }
  Judge(run, callbacks, reconciled, handled_after);
}

}  // namespace soak
