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
#include "common/domain/record_headers.h"
#include "ops/ctl/kafka/topic_scan.h"
#include "ops/ctl/shell/output.h"
#include "ops/ctl/shell/progress.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {

/// How far all readings of one audit have come together.
struct AuditPace {
  Progress progress;
  std::stop_token stop;
  std::int64_t done = 0;  ///< Offsets of the readings before the one under way.
  std::int64_t total = 0;
};

/// One topic as the audit reads it.
///
/// Threads: confined to one; every call is bounded.
/// Errors:  those of TopicScan; kRetry "interrupted" after a stop.
class AuditSource {
 public:
  static common::Result<std::unique_ptr<AuditSource>> Open(const ClusterSettings& settings,
                                                           std::string topic);

  /// Looks up where the log begins, where the first record at or after `from` is, and the end.
  common::Result<void> Learn(common::WallTime from);
  /// From that record to that end, of every partition.
  [[nodiscard]] const Extents& extents() const { return extents_; }
  [[nodiscard]] std::int64_t log_start(std::int32_t partition) const {
    return whole_.at(partition).from;
  }
  /// Offsets of a range of times, and the ends as they are now.
  [[nodiscard]] common::Result<Extents> Find(const ScanRange& range) { return scan_->Find(range); }

  using Visit = std::function<void(const ScannedRecord&)>;
  common::Result<void> Read(const Extents& extents, AuditPace& pace, const Visit& visit);

  /// What was written from then on is all there, as far as it was read; the smallest time if
  /// nothing of it has gone by retention, the largest if nothing is left.
  [[nodiscard]] common::WallTime CompleteSince(std::int32_t partition) const;

 private:
  AuditSource(std::string topic, std::unique_ptr<TopicScan> scan)
      : topic_(std::move(topic)), scan_(std::move(scan)) {}

  std::string topic_;
  std::unique_ptr<TopicScan> scan_;
  Extents whole_;
  Extents extents_;
  std::map<std::int32_t, common::WallTime> first_;  ///< Of the first record that was read.
};

/// The callback of the same partition that this one was put back for: `redrive` names it.
[[nodiscard]] std::optional<std::int64_t> PredecessorOf(const ScannedRecord& record,
                                                        const common::RecordHeaders& headers,
                                                        const std::string& topic);

/// From when on retention has deleted nothing of the topic; the largest time if that is not known.
/// Errors: those of Cluster.
[[nodiscard]] common::Result<common::WallTime> KeptSince(const ClusterSettings& settings,
                                                         const std::string& topic);

/// The extents of some of the partitions.
[[nodiscard]] Extents Only(const Extents& extents, const std::vector<std::int32_t>& partitions);

}  // namespace ctl
