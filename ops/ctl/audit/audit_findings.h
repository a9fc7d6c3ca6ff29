#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <vector>

#include "common/base/result.h"
#include "common/domain/partition.h"
#include "ops/ctl/audit/audit_ledger.h"
#include "ops/ctl/audit/audit_reader.h"
#include "ops/ctl/audit/audit_topics.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {

/// By partition, then by offset.
using AuditFindings = std::map<common::Partition, std::vector<AuditFinding>>;

/// Called for each finding, by partition and offset, with the callback's record.
using AuditVisit = std::function<void(const AuditFinding&, const ScannedRecord&)>;

/// Removes the findings of missing outcomes whose callback is on the topic again at or above the
/// offsets `disposed_of`. A callback without a marker is there again if its identity is. A callback
/// without a result is there again if a record names it in `redrive`. Returns how many it removed.
/// Errors: those of AuditSource.
[[nodiscard]] common::Result<std::size_t> RemoveInProgress(const ClusterSettings& settings,
                                                           const Extents& disposed_of,
                                                           const AuditLedgers& ledgers,
                                                           AuditSource& callbacks, AuditPace& pace,
                                                           AuditFindings& findings);

/// Reads the callbacks of the findings. Returns how many have expired meanwhile.
/// Errors: those of AuditSource.
[[nodiscard]] common::Result<std::size_t> VisitFindings(const AuditFindings& findings,
                                                        AuditSource& callbacks, AuditPace& pace,
                                                        const AuditVisit& visit);

}  // namespace ctl
