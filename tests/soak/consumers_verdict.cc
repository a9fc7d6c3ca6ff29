#include "tests/soak/consumers_verdict.h"

#include <chrono>
#include <cstdint>
#include <iterator>

#include "tests/soak/callback_writer.h"
#include "tests/soak/instances.h"
#include "tests/soak/settlement.h"

namespace soak {
namespace {

using std::chrono::seconds;

/// One for each row by whose route the callback may come yet.
constexpr int kMarkersOfReconciled = 4;

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

}  // namespace

void JudgeConsumers(Run& run, const ConsumersOutcome& outcome) {
  const int callbacks = outcome.callbacks;
  tests::Pipeline& pipeline = run.pipeline();
  const std::int64_t reconciled = outcome.lost ? CountReconciled(pipeline) : 0;
  if (outcome.lost) {
    run.Tell(std::to_string(callbacks) + " processes announced, of which " +
             std::to_string(*outcome.lost) +
             " have no callback; reconciled: " + std::to_string(reconciled));
  }
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
           std::to_string(callbacks) + " callbacks, handled " + outcome.handled_after +
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

}  // namespace soak
