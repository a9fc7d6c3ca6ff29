#pragma once

#include "common/base/result.h"
#include "ops/ctl/audit/audit_ledger.h"
#include "ops/ctl/shell/output.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {

/// `audit --expected`: writes a report of the processes that were announced in the range and of
/// which nothing came. Returns the exit status. Errors: those of AnnouncedSurvey.
[[nodiscard]] common::Result<int> AuditAnnounced(const ClusterSettings& settings,
                                                 AuditLedger::Range range, Output& output);

}  // namespace ctl
