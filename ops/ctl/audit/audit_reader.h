#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/base/rfc3339.h"
#include "common/domain/partition.h"
#include "common/domain/record_position.h"
#include "ops/ctl/audit/audit_ledger.h"
#include "ops/ctl/audit/audit_topics.h"
#include "ops/ctl/records/callback_identity.h"
#include "ops/ctl/records/named_callback.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {

/// By the partition of the callbacks.
using AuditLedgers = std::map<common::Partition, AuditLedger>;

/// The outcomes that all dead letters record.
struct AuditDeadLetters {
  std::map<common::Partition, std::vector<AuditLedger::OutcomeRecord>> by_partition;
  common::WallTime complete_since = common::WallTime::min();
  /// The deliveries with a letter `malformed`, by the place of the callback. Unknown ones are
  /// absent.
  std::map<common::RecordPosition, DeliveryId> malformed;
};

/// The results that belong to no callback.
struct AuditResults {
  std::int64_t nameless = 0;    ///< They do not name their callback.
  std::int64_t reconciled = 0;  ///< They have none. Only those of the range.
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
  [[nodiscard]] common::Result<AuditResults> ReadResults(AuditLedgers& ledgers);
  /// After the results.
  common::Result<void> ReadMarkers(AuditLedgers& ledgers);

 private:
  void AddReconciled(const ResultName& name, common::WallTime at, AuditLedger& ledger) const;

  const ClusterSettings& settings_;
  const AuditLedger::Range& range_;
  const AuditTopics& topics_;
  /// Of callbacks by unknown routes, some of them: the late callback of an announced process may
  /// take any route.
  std::set<std::string> unknown_routes_;
  AuditPace& pace_;
};

}  // namespace ctl
