#include "ops/ctl/raise/raise.h"

#include <string>
#include <variant>

#include "common/runtime/shutdown.h"
#include "ops/ctl/raise/raise_report.h"
#include "ops/ctl/raise/raise_survey.h"
#include "ops/ctl/raise/raising.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {
namespace {

using common::Result;

Result<int> RaiseTopics(const Arguments& arguments, Output& output) {
  if (!arguments.Has("--partitions")) return Reject("--partitions N is missing");
  const Result<int> partitions = arguments.Number("--partitions", 0, 1, 10'000);
  if (!partitions) return partitions.error();
  if (!arguments.Has("--config")) {
    return Reject(
        "--config is missing: without the windows in consumer.yaml nobody knows what to copy");
  }
  const Result<ClusterSettings> settings = ReadClusterSettings(arguments);
  if (!settings) return settings.error();
  const common::Shutdown shutdown;  // Before the clients: it blocks signals in their threads.
  const auto survey = RaiseSurvey::Open(*settings, output, shutdown.token());
  if (!survey) return survey.error();
  const auto facts = survey.value()->Facts();
  if (!facts) return facts.error();
  const auto decision = PlanRaise(settings->topics, *facts, *partitions);
  if (!decision) return decision.error();

  Raising raising(*settings, output, *survey.value(), shutdown.token());
  RaiseOutcome& outcome = raising.outcome();
  outcome.is_dry_run = arguments.Has("--dry-run");
  if (const auto* const refusals = std::get_if<RaiseRefusals>(&*decision)) {
    outcome.plan.to = *partitions;
    outcome.refusals = *refusals;
  } else if (const auto& plan = std::get<RaisePlan>(*decision); plan.IsDone()) {
    outcome.plan = plan;
  } else {
    if (const auto prepared = raising.Prepare(plan, !arguments.Has("--forget-old")); !prepared) {
      return prepared.error();
    }
    if (outcome.refusals.empty() && !outcome.is_dry_run) {
      if (const auto raised = raising.Run(); !raised) return raised.error();
    }
  }
  Report(output, outcome);
  return outcome.status();
}

}  // namespace

std::vector<Command> RaiseCommands() {
  return {
      {"topics raise",
       "gives callbacks, callbacks.seen, processes and callbacks.expected more partitions, and\n"
       "copies what dedup must find in the new ones. consumer and ingest are stopped.\n"
       "Status 3: refused, and why; 1: interrupted or failed; repeat it for the rest",
       {{"--partitions", "N", "how many they shall have"},
        {"--forget-old", "",
         "goes on although redeliveries of some callbacks may be published twice"},
        {"--dry-run", "", "only says what it would do"}},
       RaiseTopics}};
}

}  // namespace ctl
