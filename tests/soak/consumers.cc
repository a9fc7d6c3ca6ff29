// Three consumer instances are killed, stopped and frozen past their session, and brokers are
// killed, while callbacks with three redeliveries each arrive. Each callback must have one result
// and one marker. With --lose, all processes are announced and some callbacks never come: their
// processes must have one result, too.
#include <algorithm>

#include "tests/soak/callback_writer.h"
#include "tests/soak/consumers_faults.h"
#include "tests/soak/consumers_verdict.h"
#include "tests/soak/instances.h"
#include "tests/soak/scenarios.h"
#include "tests/soak/settlement.h"

namespace soak {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using tests::FaultSchedule;

constexpr int kRedeliveries = 3;

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

/// False as long as an announced process is outstanding, or an instance does not know.
bool IsNothingExpected(const tests::Pipeline& pipeline) {
  for (const std::string& name : InstanceNames()) {
    for (const char* state : {"waiting", "due"}) {
      if (GaugeOf(pipeline, name, "expected", {{"state", state}}) != 0.0) return false;
    }
  }
  return true;
}

}  // namespace

void PlayConsumers(Run& run) {
  const int count = run.options().count.value_or(100);
  const int callbacks = run.options().callbacks.value_or(100'000);
  const int deliveries = callbacks * (1 + kRedeliveries);
  // A fault occurs every 6 s, and the load must last as long as the faults.
  const int rate = run.options().rate.value_or(deliveries / (count * 13 / 2 + 1) + 1);
  run.StartBroker(kConsumersNodes);
  tests::Pipeline& pipeline = run.StartPipeline(kConsumersNodes);
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
  InflictConsumerFaults(run, faults, writer, count);
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
  JudgeConsumers(run, {.callbacks = callbacks,
                       .lost = announcements ? std::optional(lost.size()) : std::nullopt,
                       .handled_after = handled_after});
}

}  // namespace soak
