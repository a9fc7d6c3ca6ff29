#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/rfc3339.h"
#include "tests/soak/alert_faults.h"

namespace soak {

/// A fault of the run. Its alerts may fire from `inflicted` until shortly after `settled`.
struct InflictedFault {
  AlertFault fault;
  common::WallTime inflicted{};
  common::WallTime healed{};
  std::optional<common::WallTime> settled{};  ///< The time when its last alert had stopped.
};

/// An alert that fired from one time to another without a break.
struct Episode {
  std::string alert;
  common::WallTime from{};
  common::WallTime to{};
};

/// The episodes of an alert that fired at these times. A gap of more than three steps separates two
/// episodes.
[[nodiscard]] std::vector<Episode> EpisodesOf(const std::string& alert,
                                              const std::vector<common::WallTime>& fired,
                                              std::chrono::milliseconds step);

/// The observations of a run.
struct AlertFindings {
  std::vector<std::string> alerts;  ///< All alerts of the rules.
  std::vector<InflictedFault> faults;
  std::vector<Episode> episodes;
  common::WallTime begun{};
  int scale = 1;
};

struct AlertVerdict {
  std::vector<std::string> table;     ///< A header, then one line for each alert and fault.
  std::vector<std::string> failures;  ///< Empty: each alert fired when it should, and only then.
};

[[nodiscard]] AlertVerdict JudgeAlerts(const AlertFindings& findings);

}  // namespace soak
