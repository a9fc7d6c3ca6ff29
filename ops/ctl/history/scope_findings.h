#pragma once

#include <vector>

#include "ops/ctl/history/history_finding.h"
#include "ops/ctl/history/history_scope.h"

namespace ctl {

/// Compares the group's offsets with the log of `callbacks`. Blocks for two seconds at most for
/// each partition whose record cannot be read.
[[nodiscard]] std::vector<HistoryFinding> FindOffsetsThatDoNotFit(const HistoryScope& scope);

/// Transactions that are open for too long and whose first record does not name them: those of
/// other programs. TransactionLedger finds the others.
[[nodiscard]] std::vector<HistoryFinding> FindNamelessHanging(const HistoryLog& log,
                                                              common::WallTime now);

}  // namespace ctl
