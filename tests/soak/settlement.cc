#include "tests/soak/settlement.h"

#include <algorithm>
#include <utility>

namespace soak {
namespace {

using std::chrono::seconds;

constexpr seconds kReadLimit(300);

/// Results of callbacks that the simulator's bad clients delivered do not count.
bool IsOfBadClient(const std::string& name) { return name.find(" abuse ") != std::string::npos; }

std::vector<std::string> ReadResultNames(tests::Pipeline& pipeline) {
  const std::string& topic = pipeline.topics().processes;
  pipeline.kafka().AwaitSettled(topic);
  std::vector<std::string> names;
  pipeline.kafka().ForEach(
      topic, tests::Isolation::kReadCommitted,
      [&](const tests::Record& record) { names.push_back(tests::NameOf(record)); }, kReadLimit);
  std::erase_if(names, IsOfBadClient);
  return names;
}

/// Until announced processes have results whose callbacks were never sent.
void AwaitUnsent(Run& run, const tests::Delivered& delivered) {
  run.Step(std::to_string(delivered.CountUnsent()) +
           " announced callbacks were never sent; waiting until consumer has asked for "
           "them: again after a minute where the API failed");
  const auto are_all_there = [&] {
    return tests::Compare(delivered.callbacks, ReadResultNames(run.pipeline())).missing.empty();
  };
  run.Await(are_all_there, seconds(120 + delivered.CountUnsent() / 10),
            "not all announced processes have a result");
}

}  // namespace

Settlement Settle(Run& run, tests::Delivered delivered) {
  tests::Pipeline& pipeline = run.pipeline();
  const auto is_spool_empty = [&] {
    const auto metrics = tests::MetricsPage::Of(pipeline.ingest_admin());
    return metrics && metrics->Value("sluice_ingest_spool_records") == 0;
  };
  run.Await(is_spool_empty, seconds(120), "the spool does not drain");
  Settlement settlement{.delivered = std::move(delivered), .discrepancy = {}, .dead = {}};
  settlement.stored = pipeline.CountCallbacks();
  run.Step(std::to_string(settlement.stored) +
           " deliveries are stored; waiting until consumer has handled them");
  const seconds limit(120 + settlement.stored / 100);
  run.Await([&] { return pipeline.AwaitAllDisposed(seconds(1)); }, limit,
            "not everything is handled");
  if (settlement.delivered.CountUnsent() > 0) AwaitUnsent(run, settlement.delivered);
  run.Step("comparing what was sent with what is on the topics");
  const std::vector<std::string> results = ReadResultNames(pipeline);
  settlement.results = static_cast<std::int64_t>(results.size());
  settlement.discrepancy = tests::Compare(settlement.delivered.callbacks, results);
  settlement.dead = pipeline.DeadLetters();
  return settlement;
}

void FailIfAny(Run& run, std::int64_t count, const std::string& what) {
  if (count != 0) run.Fail(std::to_string(count) + " " + what);
}

void JudgeExactlyOnce(Run& run, const Settlement& settlement) {
  const auto& callbacks = settlement.delivered.callbacks;
  const auto sent = static_cast<std::int64_t>(callbacks.size());
  run.Tell(std::to_string(sent) + " callbacks sent, " +
           std::to_string(sent - settlement.delivered.CountRefused()) + " answered 200, " +
           std::to_string(settlement.stored) + " deliveries stored, " +
           std::to_string(settlement.results) + " results");
  const tests::Discrepancy& found = settlement.discrepancy;
  FailIfAny(run, static_cast<std::int64_t>(found.missing.size()),
            "callbacks answered 200 have no result");
  FailIfAny(run, found.surplus, "surplus results");
  FailIfAny(run, static_cast<std::int64_t>(settlement.dead.size()), "dead letters");
  if (const std::string names = found.ToText(); !names.empty()) run.Step(names);
}

}  // namespace soak
