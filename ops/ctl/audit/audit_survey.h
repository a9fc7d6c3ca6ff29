#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/kafka/partition_offsets.h"
#include "ops/ctl/audit/audit_ledger.h"
#include "ops/ctl/audit/audit_source.h"
#include "ops/ctl/shell/output.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {

/// The sums of an audit.
struct AuditSums {
  AuditJudgement judged;              ///< Without the findings.
  std::int64_t waiting = 0;           ///< Offsets of the range at or above the committed one.
  std::size_t under_way = 0;          ///< Missing ones that are already on the topic again.
  std::int64_t nameless_results = 0;  ///< Results that do not name their callback.
  bool has_lost_unread = false;       ///< Callbacks of the range may have expired unread.
  std::vector<std::string> notes;     ///< Sentences on what could not be checked.
};

/// Called for each finding, by partition and offset, with the callback's record.
using AuditVisit = std::function<void(const AuditFinding&, const ScannedRecord&)>;

/// Audits a range of record times. It reads in this order, so that callbacks in progress do not
/// look like holes:
///
///   C := committed offsets of the group      ; stable: no transaction with an offset is open
///   ends of the four topics
///   dead letters
///   some partitions at a time: callbacks below C, markers, results
///   where something is missing: callbacks from C on, which may contain it again
///
/// The outcomes of callbacks below C were committed before C was read, so they lie below those
/// ends.
///
/// Memory: ledgers of a million callbacks (or of one partition, if it has more), and 56 bytes for
///         each dead letter.
/// Threads: confined to one.
/// Errors:  those of TopicScan; kRetry "interrupted" after a stop.
class AuditSurvey {
 public:
  static common::Result<std::unique_ptr<AuditSurvey>> Open(const ClusterSettings& settings,
                                                           AuditLedger::Range range, Output& output,
                                                           std::stop_token stop);

  /// Call once.
  [[nodiscard]] common::Result<AuditSums> Run(const AuditVisit& visit);

 private:
  using Partitions = std::vector<std::int32_t>;
  using Ledgers = std::map<std::int32_t, AuditLedger>;
  using Findings = std::map<std::int32_t, std::vector<AuditFinding>>;
  AuditSurvey(const ClusterSettings& settings, AuditLedger::Range range, Output& output,
              std::stop_token stop);
  common::Result<void> AuditAll(const AuditVisit& visit);
  common::Result<void> Prepare();
  common::Result<void> ReadDeadLetters();
  void CompareWithLog(std::int32_t partition, Offset committed, Offset end);
  common::Result<void> Audit(const Partitions& partitions, const AuditVisit& visit);
  common::Result<void> ReadCallbacks(const Partitions& partitions, Ledgers& ledgers);
  common::Result<void> ReadMarkers(const Partitions& partitions, Ledgers& ledgers);
  common::Result<void> ReadOutcomes(const Partitions& partitions, Ledgers& ledgers);
  [[nodiscard]] AuditHorizon HorizonOf(std::int32_t partition) const;
  [[nodiscard]] Findings Judge(Ledgers& ledgers);
  common::Result<void> RemoveInProgress(const Ledgers& ledgers, Findings& findings);
  common::Result<void> Visit(const Findings& findings, const AuditVisit& visit);
  [[nodiscard]] std::vector<Partitions> Batches() const;

  ClusterSettings settings_;
  AuditLedger::Range range_;
  AuditPace pace_;
  std::unique_ptr<AuditSource> callbacks_;
  std::unique_ptr<AuditSource> seen_;
  std::unique_ptr<AuditSource> processes_;
  std::unique_ptr<AuditSource> dead_;
  Extents in_range_;     ///< `callbacks`: the range, looked up before everything else.
  Extents disposed_of_;  ///< `callbacks`: from the start of the range to the committed offset.
  std::set<std::int32_t> went_back_;       ///< Partitions that end below the committed offset.
  std::set<std::int32_t> expired_unread_;  ///< Partitions that begin above it.
  /// By the partition of the callback.
  std::map<std::int32_t, std::vector<AuditLedger::OutcomeRecord>> dead_letters_;
  common::WallTime letters_complete_since_ = common::WallTime::min();
  common::WallTime callbacks_kept_since_ = common::WallTime::max();
  common::WallTime callbacks_complete_since_ = common::WallTime::min();
  common::WallTime markers_kept_since_ = common::WallTime::max();
  AuditSums sums_;
};

}  // namespace ctl
