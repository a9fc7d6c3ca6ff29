#pragma once

#include <chrono>
#include <string>
#include <variant>
#include <vector>

#include "tests/simulation/ingest/world/scenario.h"
#include "tests/simulation/world/scenario.h"

namespace simulation::joint {

/// All machines sleep for so long: only the clocks on their walls go on.
struct Sleep {
  std::chrono::milliseconds at{};
  std::chrono::minutes span{};
};

/// For `span`, brokers write what ingest sends them, and no answer of theirs comes through.
struct AcksLost {
  std::chrono::milliseconds at{};
  std::chrono::milliseconds span{};
};

/// An operator's command: `dead redrive --all`, or `audit --redrive`.
enum class Job { kRedrive, kAudit };
struct Operate {
  std::chrono::milliseconds at{};
  Job job = Job::kRedrive;
};

/// An action on either half, or on both.
using Action = std::variant<simulation::Action, intake::Action, Sleep, AcksLost, Operate>;
[[nodiscard]] std::chrono::milliseconds TimeOf(const Action& action);
/// True if nothing but time passes.
[[nodiscard]] bool IsTraffic(const Action& action);

/// A history to come: together with the code, it determines everything.
struct Scenario {
  simulation::Scenario consumers = {};  ///< Without actions; brokers and partitions are these.
  intake::Scenario ingest = {};         ///< Without actions.
  std::vector<Action> actions = {};     ///< By time.
};

/// As C++, for a test.
[[nodiscard]] std::string ToText(const Scenario& scenario);

}  // namespace simulation::joint
