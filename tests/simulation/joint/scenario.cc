#include "tests/simulation/joint/scenario.h"

namespace simulation::joint {
namespace {

using std::chrono::milliseconds;

std::string TextOf(const simulation::Action& action) {
  return "simulation::Action" + simulation::ToText(action, "simulation::");
}
std::string TextOf(const intake::Action& action) {
  return "intake::Action" + intake::ToText(action, "intake::");
}
std::string TextOf(const Sleep& sleep) {
  return "Sleep{milliseconds(" + std::to_string(sleep.at.count()) + "), minutes(" +
         std::to_string(sleep.span.count()) + ")}";
}
std::string TextOf(const AcksLost& lost) {
  return "AcksLost{milliseconds(" + std::to_string(lost.at.count()) + "), milliseconds(" +
         std::to_string(lost.span.count()) + ")}";
}
std::string TextOf(const Operate& operate) {
  return "Operate{milliseconds(" + std::to_string(operate.at.count()) +
         "), Job::" + (operate.job == Job::kRedrive ? "kRedrive}" : "kAudit}");
}

}  // namespace

milliseconds TimeOf(const Action& action) {
  return std::visit([](const auto& one) { return one.at; }, action);
}

bool IsTraffic(const Action& action) {
  const auto* const of_ingest = std::get_if<intake::Action>(&action);
  return of_ingest != nullptr && intake::IsTraffic(of_ingest->kind);
}

std::string ToText(const Scenario& scenario) {
  std::string text = "Scenario{.consumers = simulation::" + simulation::ToText(scenario.consumers) +
                     ",\n.ingest = intake::" + intake::ToText(scenario.ingest) +
                     ",\n.actions = {\n";
  for (const Action& action : scenario.actions) {
    text += "    " + std::visit([](const auto& one) { return TextOf(one); }, action) + ",\n";
  }
  return text + "}}";
}

}  // namespace simulation::joint
