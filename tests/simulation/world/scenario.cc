#include "tests/simulation/world/scenario.h"

#include <array>

namespace simulation {
namespace {

constexpr std::array<std::string_view, 32> kKinds = {"kArrive",      "kRedeliver",
                                                     "kCrash",       "kFreeze",
                                                     "kStop",        "kTwin",
                                                     "kScale",       "kEvict",
                                                     "kDeaf",        "kStall",
                                                     "kClock",       "kBrokerClock",
                                                     "kBrokerCrash", "kBrokerFreeze",
                                                     "kLeaderGone",  "kNetwork",
                                                     "kMarkersSlow", "kMarkersLost",
                                                     "kForget",      "kApiDown",
                                                     "kApiBad",      "kTruncate",
                                                     "kExpire",      "kRecreate",
                                                     "kAnnounce",    "kTruncateExpected",
                                                     "kRaise",       "kHold",
                                                     "kLate",        "kLoseAnswer",
                                                     "kRefuse",      "kRefuseAgain"};
constexpr std::array<std::string_view, 10> kAims = {
    "kNone",  "kAddPartitions", "kProduce", "kOffsets",      "kCommit",
    "kAbort", "kInitialise",    "kJoin",    "kFetchOffsets", "kFetch"};

}  // namespace

std::string_view NameOf(Kind kind) { return kKinds.at(static_cast<std::size_t>(kind)); }
std::string_view NameOf(Aim aim) { return kAims.at(static_cast<std::size_t>(aim)); }

std::string ToText(const Scenario& scenario) {
  const auto field = [](const std::string& name, int value) {
    return ", ." + name + " = " + std::to_string(value);
  };
  std::string text = "Scenario{.seed = " + std::to_string(scenario.seed) + "ULL" +
                     field("brokers", scenario.brokers) + field("partitions", scenario.partitions) +
                     field("instances", scenario.instances) + field("lanes", scenario.lanes) +
                     field("recent", scenario.recent) +
                     field("slow_percent", scenario.slow_percent) +
                     ", .has_big_records = " + (scenario.has_big_records ? "true" : "false") +
                     (scenario.has_announcements ? ", .has_announcements = true" : "") +
                     (scenario.has_epochs ? ", .has_epochs = true" : "") + ", .actions = {\n";
  for (const Action& action : scenario.actions) text += "    " + ToText(action) + ",\n";
  return text + "}}";
}

std::string ToText(const Action& action, const std::string& space) {
  std::string text =
      "{milliseconds(" + std::to_string(action.at.count()) + "), " + space + "Kind::";
  text.append(NameOf(action.kind)).append(", ") += std::to_string(action.target) + "ULL";
  text += ", milliseconds(" + std::to_string(action.span.count()) + "), " +
          std::to_string(action.number);
  if (action.aim != Aim::kNone) {
    text.append(", " + space + "Aim::").append(NameOf(action.aim));
    if (action.is_at_once) text += ", true";
  }
  return text + "}";
}

}  // namespace simulation
