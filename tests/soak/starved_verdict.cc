#include "tests/soak/starved_verdict.h"

#include <algorithm>
#include <fstream>

#include "common/domain/key_partition.h"
#include "tests/soak/hanging.h"
#include "tests/soak/instances.h"
#include "tests/soak/settlement.h"
#include "tests/soak/starved_tally.h"
#include "tests/support/wait_until.h"

namespace soak {
namespace {

using std::chrono::seconds;

constexpr int kPartitions = 12;
/// For work in progress. Longer than a transaction without an owner stays open.
constexpr seconds kPatience(75);
/// More time for consumer to end forgotten transactions by itself.
constexpr seconds kOwnHealing(150);

/// How a hanging transaction ended, if there was one.
enum class Hung { kNo, kProgram, kCommand, kNot };

const char* WordOf(Hung hung) {
  switch (hung) {
    case Hung::kNo:
      return "no";
    case Hung::kProgram:
      return "program";
    case Hung::kCommand:
      return "command";
    case Hung::kNot:
      return "not";
  }
  return "";
}

const char* SentenceOf(Hung hung) {
  switch (hung) {
    case Hung::kNo:
      return "nothing hung";
    case Hung::kProgram:
      return "hung, healed by the program";
    case Hung::kCommand:
      return "hung, healed by one command";
    case Hung::kNot:
      return "hung, not healed";
  }
  return "";
}

Hung AwaitEnd(StarvedRun& starved, Hanging& hanging) {
  Run& run = starved.run;
  tests::Pipeline& pipeline = run.pipeline();
  const auto is_over = [&] {
    if (!IsAtWork(run, starved.revived)) return false;
    if (!pipeline.AwaitAllDisposed(seconds(1))) return false;
    hanging = FindHanging(pipeline);
    return hanging.IsNothing();
  };
  if (tests::WaitUntil(is_over, kPatience)) {
    return CountLogged(pipeline, "restore.stuck") == 0 ? Hung::kNo : Hung::kProgram;
  }
  hanging = FindHanging(pipeline);
  run.Step("  hangs: " + hanging.ToText());
  if (tests::WaitUntil(is_over, kOwnHealing)) return Hung::kProgram;
  run.Step("  it does not end by itself: sluicectl transactions end");
  EndTransactions(run, hanging);
  if (tests::WaitUntil(is_over, kPatience)) return Hung::kCommand;
  hanging = FindHanging(pipeline);
  return Hung::kNot;
}

}  // namespace

void JudgeStarved(StarvedRun& starved) {
  Run& run = starved.run;
  tests::Pipeline& pipeline = run.pipeline();
  Hanging hanging;
  const Hung hung = AwaitEnd(starved, hanging);
  const auto& topics = pipeline.topics();
  const tests::Discrepancy found =
      tests::Compare(ExpectAll(starved.callbacks), ReadKeys(pipeline, topics.processes));
  const auto markers = ReadKeys(pipeline, topics.seen).size();
  const auto dead = static_cast<std::int64_t>(ReadKeys(pipeline, topics.dead).size());
  const auto standing = hung == Hung::kNot ? hanging.Partitions() : std::set<int>();
  const auto held = std::ranges::count_if(found.missing, [&](const std::string& key) {
    return standing.contains(common::PartitionOf(key, kPartitions).number());
  });
  const auto lost = static_cast<std::int64_t>(found.missing.size()) - held;
  const auto text = [](std::int64_t number) { return std::to_string(number); };
  std::ofstream(run.directory() / "verdict") << ToLine({.seed = run.seed(),
                                                        .twice = found.surplus,
                                                        .lost = lost,
                                                        .held = held,
                                                        .dead = dead,
                                                        .hung = WordOf(hung)});
  const auto counted = [&](const char* kind) { return text(starved.faults.Count(kind)); };
  run.Tell("seed " + std::to_string(run.seed()) + ", " + text(run.options().nodes) + " node(s), " +
           text(starved.copies) + " of each partition: " + counted("kill") + " kills, " +
           counted("freeze") + " freezes, " + counted("broker") + " brokers killed, " +
           counted("pause") + " paused, " + text(starved.revived) +
           " instances ended and restarted; " + text(starved.callbacks) + " callbacks, " +
           std::to_string(markers) + " markers, " + text(found.surplus) + " results twice, " +
           text(lost) + " lost, " + text(held) + " held up, " + text(dead) + " dead letters; " +
           SentenceOf(hung));
  FailIfAny(run, found.surplus, "results are doubled");
  FailIfAny(run, lost, "callbacks have no result");
  FailIfAny(run, dead, "dead letters");
  run.FailIf(hung == Hung::kNot, "something still hangs: " + hanging.ToText());
}

}  // namespace soak
