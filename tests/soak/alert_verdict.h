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
  std::optional<common::WallTime> settled{};  ///< When none of its alerts fired any more.
};

/// A time during which an alert fired without a break.
struct Episode {
  std::string alert;
  common::WallTime from{};
  common::WallTime to{};
};

/// The episodes of one alert that fired at these times. Points further apart than three steps
/// belong to different episodes.
[[nodiscard]] std::vector<Episode> EpisodesOf(const std::string& alert,
                                              const std::vector<common::WallTime>& fired,
                                              std::chrono::milliseconds step);

/// What the run has observed.
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
