#include "tests/simulation/world/raiser.h"

#include <memory>
#include <sstream>
#include <utility>
#include <variant>

#include "ops/ctl/raise/raise_plan.h"
#include "ops/ctl/raise/raise_survey.h"
#include "ops/ctl/raise/raising.h"
#include "tests/simulation/world/limits.h"
#include "tests/simulation/world/world.h"

namespace simulation {

Raiser::Raiser(Runtime& runtime, int host_id, bool watches_expected, int partitions)
    : runtime_(runtime), partitions_(partitions) {
  host_.id = host_id;
  settings_.providers = RowsOfWorld(watches_expected);
  if (watches_expected) settings_.expected = ExpectedOf();
}

void Raiser::Start(std::function<void(const Ended&)> heard) {
  runtime_.Spawn(host_, [this, heard = std::move(heard)] {
    const Ended ended = Run();
    if (host_.is_dead) return;
    runtime_.After(Span(0), [heard, ended] { heard(ended); });
  });
}

void Raiser::Kill() {
  host_.is_dead = true;
  stop_.request_stop();
}

// As ctl::RaiseCommands() has it.
Raiser::Ended Raiser::Run() {
  const auto failed = [](const auto& result) { return Ended{End::kFailed, result.error().detail}; };
  std::ostringstream said;
  ctl::Output output{.out = said, .err = said};
  const auto survey = ctl::RaiseSurvey::Open(settings_, output, stop_.get_token());
  if (!survey) return failed(survey);
  const auto facts = survey.value()->Facts();
  if (!facts) return failed(facts);
  const auto decision = ctl::PlanRaise(settings_.topics, *facts, partitions_);
  if (!decision) return failed(decision);
  if (const auto* const refusals = std::get_if<ctl::RaiseRefusals>(&*decision)) {
    return {End::kRefused, refusals->front()};
  }
  const auto& plan = std::get<ctl::RaisePlan>(*decision);
  if (plan.IsDone()) return {End::kDone, {}};
  ctl::Raising raising(settings_, output, *survey.value(), stop_.get_token());
  if (const auto prepared = raising.Prepare(plan, true); !prepared) return failed(prepared);
  if (!raising.outcome().refusals.empty()) {
    return {End::kRefused, raising.outcome().refusals.front()};
  }
  if (const auto raised = raising.Run(); !raised) return failed(raised);
  return {End::kDone, {}};
}

}  // namespace simulation
