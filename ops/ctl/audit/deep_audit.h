#pragma once

#include <stop_token>

#include "common/base/result.h"
#include "common/base/rfc3339.h"
#include "ops/ctl/history/history_report.h"
#include "ops/ctl/shell/output.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {

/// Surveys the history since `from` and writes each finding immediately, then the summary: text
/// lines, or the members `anomalies` and `history` of the report's object, each with a comma behind
/// it. Errors: those of HistorySurvey.
[[nodiscard]] common::Result<HistoryTally> AuditHistory(const ClusterSettings& settings,
                                                        common::WallTime from, Output& output,
                                                        std::stop_token stop);

}  // namespace ctl
