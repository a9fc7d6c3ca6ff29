#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "common/base/result.h"
#include "common/base/rfc3339.h"
#include "common/domain/record_position.h"
#include "ops/ctl/audit/audit_ledger.h"
#include "ops/ctl/audit/audit_topics.h"
#include "ops/ctl/records/callback_identity.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {

/// By the partition of the callbacks.
using AuditLedgers = std::map<std::int32_t, AuditLedger>;

/// The outcomes that all dead letters record.
struct AuditDeadLetters {
  std::map<std::int32_t, std::vector<AuditLedger::OutcomeRecord>> by_partition;
  common::WallTime complete_since = common::WallTime::min();
  /// The deliveries with a letter `malformed`, by the place of the callback. Unknown ones are absent.
  std::map<common::RecordPosition, DeliveryId> malformed;
};

/// Fills ledgers from records of the four topics.
///
/// Lifetime: all arguments must outlive it.
/// Errors:   those of AuditSource::Read().
class AuditReader {
 public:
  AuditReader(const ClusterSettings& settings, const AuditLedger::Range& range,
              const AuditTopics& topics, AuditPace& pace)
      : settings_(settings), range_(range), topics_(topics), pace_(pace) {}

  [[nodiscard]] common::Result<AuditDeadLetters> ReadDeadLetters();
  /// Each of these reads the partitions of the ledgers.
  common::Result<void> ReadCallbacks(const Extents& extents, const AuditDeadLetters& letters,
                                     AuditLedgers& ledgers);
  common::Result<void> ReadMarkers(AuditLedgers& ledgers);
  /// Returns the number of results that do not name their callback.
  [[nodiscard]] common::Result<std::int64_t> ReadResults(AuditLedgers& ledgers);

 private:
  const ClusterSettings& settings_;
  const AuditLedger::Range& range_;
  const AuditTopics& topics_;
  AuditPace& pace_;
};

}  // namespace ctl
