#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/base/rfc3339.h"
#include "common/domain/partition.h"
#include "ops/ctl/audit/audit_ledger.h"
#include "ops/ctl/audit/audit_topics.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {

/// The records that an audit judges: those that existed when it began.
struct AuditScope {
  Extents in_range;     ///< `callbacks`: the range of record times.
  Extents disposed_of;  ///< `callbacks`: from the start of the range to the committed offset.
  std::set<common::Partition> went_back;       ///< Partitions that end below the committed offset.
  std::set<common::Partition> expired_unread;  ///< Partitions that begin above it.
  std::int64_t waiting = 0;  ///< Offsets of the range at or above the committed one.
  /// Since then, retention has deleted nothing; the largest time: unknown.
  common::WallTime callbacks_kept_since = common::WallTime::max();
  common::WallTime markers_kept_since = common::WallTime::max();
  std::vector<std::string> notes;  ///< Sentences on what cannot be checked.
};

/// Looks up the range first, then the committed offsets, then the ends of the topics.
/// Errors: those of TopicScan, GroupReader and Cluster.
[[nodiscard]] common::Result<AuditScope> FindAuditScope(const ClusterSettings& settings,
                                                        const AuditLedger::Range& range,
                                                        AuditTopics& topics);

}  // namespace ctl
