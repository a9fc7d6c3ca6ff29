#include "tests/soak/consumers_faults.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "tests/harness/faults.h"
#include "tests/soak/instances.h"
#include "tests/soak/settlement.h"

namespace soak {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using tests::FaultSchedule;

struct Drawn {
  std::unique_ptr<tests::Fault> fault;
  milliseconds lasting;
};

Drawn DrawFault(Run& run) {
  const int kind = run.Draw(0, 3);
  if (kind == 3) {
    const int node = run.Draw(1, kConsumersNodes);
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

}  // namespace

void InflictConsumerFaults(Run& run, FaultSchedule& faults, const CallbackWriter& writer,
                           int count) {
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

}  // namespace soak
