#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/base/rfc3339.h"
#include "common/domain/offset.h"
#include "common/domain/partition.h"
#include "common/domain/record_headers.h"
#include "ops/ctl/kafka/topic_scan.h"
#include "ops/ctl/shell/output.h"
#include "ops/ctl/shell/progress.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {

/// The progress of all scans of one audit together.
struct AuditPace {
  Progress progress;
  std::stop_token stop;
  std::int64_t done = 0;  ///< Offsets of the scans before the current one.
  std::int64_t total = 0;
};

/// One topic that the audit reads.
///
/// Threads: confined to one; every call is bounded.
/// Errors:  those of TopicScan; kRetry "interrupted" after a stop.
class AuditSource {
 public:
  static common::Result<std::unique_ptr<AuditSource>> Open(const ClusterSettings& settings,
                                                           std::string topic);

  /// Looks up, for each partition, the start of the log, the first record at or after `from`, and
  /// the end.
  common::Result<void> Learn(common::WallTime from);
  /// From that first record to that end, for each partition.
  [[nodiscard]] const Extents& extents() const { return extents_; }
  [[nodiscard]] common::Offset log_start(common::Partition partition) const {
    return whole_.at(partition).from;
  }
  /// The offsets of a time range, and the current ends.
  [[nodiscard]] common::Result<Extents> Find(const ScanRange& range) { return scan_->Find(range); }

  using Visit = std::function<void(const ScannedRecord&)>;
  common::Result<void> Read(const Extents& extents, AuditPace& pace, const Visit& visit);

  /// The time since which the scan found every record that was written. The smallest time if
  /// retention has deleted nothing, even meanwhile, the largest if nothing is left.
  [[nodiscard]] common::WallTime CompleteSince(common::Partition partition) const;

 private:
  AuditSource(std::string topic, std::unique_ptr<TopicScan> scan)
      : topic_(std::move(topic)), scan_(std::move(scan)) {}

  std::string topic_;
  std::unique_ptr<TopicScan> scan_;
  Extents whole_;
  Extents extents_;
  std::map<common::Partition, common::WallTime> first_;  ///< The time of the first record read.
  /// Retention has deleted records here before they were read: the next one's time, once read.
  std::map<common::Partition, std::optional<common::WallTime>> cut_;
};

/// The callback of the same partition that this one replaces, as its header `redrive` says.
[[nodiscard]] std::optional<common::Offset> PredecessorOf(const ScannedRecord& record,
                                                          const common::RecordHeaders& headers,
                                                          const std::string& topic);

/// The time since which retention has deleted nothing from the topic. The largest time: unknown.
/// Errors: those of Cluster.
[[nodiscard]] common::Result<common::WallTime> KeptSince(const ClusterSettings& settings,
                                                         const std::string& topic);

[[nodiscard]] Extents Only(const Extents& extents,
                           const std::vector<common::Partition>& partitions);

}  // namespace ctl
