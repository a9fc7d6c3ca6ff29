#include "tests/simulation/ingest/world/scenario.h"

#include <array>

namespace simulation::intake {
namespace {

constexpr std::array<std::string_view, kKinds> kNames = {
    "kArrive",   "kArriveOneShot", "kRedeliver", "kCrash",       "kPowerCut",     "kFreeze",
    "kStop",     "kClock",         "kKafkaAway", "kBrokerCrash", "kBrokerFreeze", "kLeaderGone",
    "kShort",    "kNetwork",       "kDeaf",      "kReportsLate", "kReportsLost",  "kFatal",
    "kDiskFull", "kDiskRefuses",   "kDiskSync",  "kDiskHangs",   "kDiskSlow",     "kCannotOpen",
    "kBusy",     "kFileMoved",     "kLogMoved",  "kRetryRefused"};

}  // namespace

std::string_view NameOf(Kind kind) { return kNames.at(static_cast<std::size_t>(kind)); }

std::string ToText(const Scenario& scenario) {
  const auto field = [](const std::string& name, int value) {
    return ", ." + name + " = " + std::to_string(value);
  };
  const auto flag = [](const std::string& name, bool value) {
    return ", ." + name + " = " + (value ? "true" : "false");
  };
  std::string text =
      "Scenario{.seed = " + std::to_string(scenario.seed) + "ULL" +
      field("brokers", scenario.brokers) + field("partitions", scenario.partitions) +
      field("instances", scenario.instances) + flag("has_spool", scenario.has_spool) +
      field("max_in_flight", scenario.max_in_flight) + field("batch_ms", scenario.batch_ms) +
      field("max_callback_bytes", scenario.max_callback_bytes) +
      flag("may_read_limit", scenario.may_read_limit) +
      flag("has_big_records", scenario.has_big_records) + ", .actions = {\n";
  for (const Action& action : scenario.actions) text += "    " + ToText(action) + ",\n";
  return text + "}}";
}

std::string ToText(const Action& action, const std::string& space) {
  std::string text =
      "{milliseconds(" + std::to_string(action.at.count()) + "), " + space + "Kind::";
  text.append(NameOf(action.kind)).append(", ") += std::to_string(action.target);
  return text + ", milliseconds(" + std::to_string(action.span.count()) + "), " +
         std::to_string(action.number) + "}";
}

}  // namespace simulation::intake
