#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/domain/partition.h"
#include "ops/ctl/audit/audit_findings.h"
#include "ops/ctl/audit/audit_ledger.h"
#include "ops/ctl/audit/audit_reader.h"
#include "ops/ctl/audit/audit_scope.h"
#include "ops/ctl/audit/audit_topics.h"
#include "ops/ctl/shell/output.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {

/// The sums of an audit.
struct AuditSums {
  AuditJudgement judged;              ///< Without the findings.
  std::int64_t waiting = 0;           ///< Offsets of the range at or above the committed one.
  std::size_t under_way = 0;          ///< Missing ones that are already on the topic again.
  std::int64_t reconciled = 0;        ///< Results of the range that have no callback.
  std::int64_t nameless_results = 0;  ///< Results that do not name their callback.
  bool has_lost_unread = false;       ///< Callbacks of the range may have expired unread.
  std::vector<std::string> notes;     ///< Sentences on what could not be checked.
};

/// Audits a range of record times. It reads in this order, so that callbacks in progress do not
/// look like holes:
///
///   C := committed offsets of the group      ; stable: no transaction with an offset is open
///   ends of the four topics
///   dead letters
///   some partitions at a time: callbacks below C, results, markers
///   where something is missing: callbacks from C on, which may contain it again
///
/// The outcomes of callbacks below C were committed before C was read, so they lie below those
/// ends.
///
/// Memory: ledgers of a million callbacks (or of one partition, if it has more), and 56 bytes for
///         each dead letter, and 64 more for each malformed one.
/// Threads: confined to one.
/// Errors:  those of TopicScan; kRetry "interrupted" after a stop.
class AuditSurvey {
 public:
  static common::Result<std::unique_ptr<AuditSurvey>> Open(const ClusterSettings& settings,
                                                           AuditLedger::Range range, Output& output,
                                                           std::stop_token stop);

  AuditSurvey(const AuditSurvey&) = delete;
  AuditSurvey& operator=(const AuditSurvey&) = delete;

  /// Call once.
  [[nodiscard]] common::Result<AuditSums> Run(const AuditVisit& visit);

 private:
  using Partitions = std::vector<common::Partition>;

  AuditSurvey(const ClusterSettings& settings, AuditLedger::Range range, AuditTopics topics,
              Output& output, std::stop_token stop);
  common::Result<void> AuditAll(const AuditVisit& visit);
  common::Result<void> Audit(const Partitions& partitions, const AuditVisit& visit);
  [[nodiscard]] AuditLedgers LedgersOf(const Partitions& partitions) const;
  [[nodiscard]] AuditHorizon HorizonOf(common::Partition partition) const;
  [[nodiscard]] AuditFindings Judge(AuditLedgers& ledgers);
  [[nodiscard]] std::vector<Partitions> Batches() const;

  ClusterSettings settings_;
  AuditLedger::Range range_;
  AuditTopics topics_;
  AuditPace pace_;
  AuditReader reader_;
  AuditScope scope_;
  AuditDeadLetters letters_;
  common::WallTime callbacks_complete_since_ = common::WallTime::min();
  AuditSums sums_;
};

}  // namespace ctl
