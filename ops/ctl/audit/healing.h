#pragma once

#include <optional>
#include <string>

#include "common/domain/partition.h"
#include "common/domain/record_headers.h"
#include "ops/ctl/audit/audit_ledger.h"
#include "ops/ctl/kafka/topic_scan.h"

namespace ctl {

/// How a callback without outcome is put on its topic again.
struct Healing {
  /// None: that of its key, which may have changed.
  std::optional<common::Partition> partition;
  common::RecordHeaders headers;
};

/// None: it has an outcome, or it is on the topic again already. Then the group may never read the
/// replacement (the log was replaced), and each audit would add another copy.
[[nodiscard]] std::optional<Healing> HealingOf(const AuditFinding& finding,
                                               const ScannedRecord& callback,
                                               const std::string& topic);

}  // namespace ctl
