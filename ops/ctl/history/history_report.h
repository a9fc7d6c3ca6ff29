#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "ops/ctl/history/history_finding.h"
#include "ops/ctl/history/history_survey.h"

namespace ctl {

/// Counted while the lines are written.
struct HistoryTally {
  std::map<Anomaly, std::size_t> counts{};
  [[nodiscard]] bool IsClean() const { return counts.empty(); }
};

/// One line, including its newline.
[[nodiscard]] std::string RenderText(const HistoryFinding& finding);
[[nodiscard]] std::string RenderJson(const HistoryFinding& finding);

/// The summary, in lines.
[[nodiscard]] std::string RenderText(const HistorySums& sums, const HistoryTally& tally);
/// The same as a JSON object.
[[nodiscard]] std::string RenderJson(const HistorySums& sums, const HistoryTally& tally);

}  // namespace ctl
