#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/domain/partition.h"
#include "ops/ctl/audit/announced_ledger.h"
#include "ops/ctl/audit/audit_source.h"
#include "ops/ctl/shell/output.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {

/// The sums of an audit of announced processes.
struct AnnouncedSums {
  AnnouncedJudgement judged;  ///< Without the missing ones.
  std::size_t missing = 0;
  std::size_t mistaken = 0;          ///< Announcements that consumer cannot read.
  std::vector<std::string> notes{};  ///< Sentences on what could not be checked.
};

/// Called for each process that never came, by partition and offset, with its announcement's
/// record.
using AnnouncedVisit =
    std::function<void(const AnnouncedJudgement::Missing&, const ScannedRecord&)>;

/// Finds announced processes of which nothing came, without asking consumer. It reads in this
/// order, so that none that comes meanwhile looks like a hole:
///
///   ends of callbacks.expected        ; from the start of the range
///   some partitions at a time: their announcements, then callbacks, then results
///
/// Memory: ledgers of a million announcements, or of one partition, if it has more.
/// Threads: confined to one.
/// Errors:  those of TopicScan; kReject if the partitions of the topics differ; kRetry "interrupted"
///          after a stop.
class AnnouncedSurvey {
 public:
  static common::Result<std::unique_ptr<AnnouncedSurvey>> Open(const ClusterSettings& settings,
                                                               AuditLedger::Range range,
                                                               Output& output,
                                                               std::stop_token stop);

  AnnouncedSurvey(const AnnouncedSurvey&) = delete;
  AnnouncedSurvey& operator=(const AnnouncedSurvey&) = delete;

  /// Call once.
  [[nodiscard]] common::Result<AnnouncedSums> Run(const AnnouncedVisit& visit);

 private:
  using Partitions = std::vector<common::Partition>;
  using Ledgers = std::map<common::Partition, AnnouncedLedger>;

  AnnouncedSurvey(const ClusterSettings& settings, AuditLedger::Range range, Output& output,
                  std::stop_token stop);
  common::Result<void> OpenTopics();
  common::Result<void> Prepare();
  common::Result<void> Audit(const Partitions& partitions, const AnnouncedVisit& visit);
  common::Result<void> ReadAnnouncements(Ledgers& ledgers);
  common::Result<void> ReadCallbacks(Ledgers& ledgers);
  common::Result<void> ReadResults(Ledgers& ledgers);
  common::Result<void> Judge(const Ledgers& ledgers, const AnnouncedVisit& visit);
  /// The time since which both topics are complete.
  [[nodiscard]] common::WallTime CompleteSince(common::Partition partition) const;

  ClusterSettings settings_;
  AuditLedger::Range range_;
  AuditPace pace_;
  std::unique_ptr<AuditSource> expected_;
  std::unique_ptr<AuditSource> callbacks_;
  std::unique_ptr<AuditSource> processes_;
  common::WallTime now_{};
  common::WallTime callbacks_kept_since_{};
  common::WallTime announcements_complete_since_ = common::WallTime::min();
  std::size_t moved_ = 0;  ///< Announcements whose callbacks may be in another partition.
  AnnouncedSums sums_;
};

}  // namespace ctl
