#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>

#include "common/base/result.h"
#include "common/base/rfc3339.h"
#include "ops/ctl/settings.h"
#include "ops/ctl/status_facts.h"
#include "ops/ctl/status_group.h"
#include "ops/ctl/topic_scan.h"

namespace ctl {

/// The dead letters that there are and those of the last hour. Each is read once: all of them the
/// first time, unless they are more than 50,000; then those of the last hour, at most so many.
///
/// Threads: confined to one; every call is bounded.
class DeadWatch {
 public:
  explicit DeadWatch(std::unique_ptr<TopicScan> scan) : scan_(std::move(scan)) {}

  /// Errors: those of TopicScan.
  common::Result<DeadFacts> Look(common::WallTime now, const std::stop_token& stop);

 private:
  common::Result<void> Begin(const Extents& extents, common::WallTime now);

  std::unique_ptr<TopicScan> scan_;
  Extents read_;  ///< What is behind, of every partition; empty: nothing was looked at.
  bool is_exact_ = true;
  std::int64_t total_ = 0;
  std::deque<std::pair<common::WallTime, std::string>> recent_;  ///< With reasons.
};

/// Asks the cluster for what `status` shows, again and again over the same connections.
///
/// Threads: confined to one; every call is bounded.
/// Errors:  kRetry where no broker answers; else kStop.
class StatusReader {
 public:
  static common::Result<std::unique_ptr<StatusReader>> Open(const ClusterSettings& settings);

  [[nodiscard]] common::Result<KafkaFacts> Read(common::WallTime now, const std::stop_token& stop);

 private:
  StatusReader(std::unique_ptr<GroupReader> group, std::unique_ptr<TopicScan> callbacks,
               std::unique_ptr<TopicScan> processes, std::unique_ptr<TopicScan> dead);
  common::Result<void> ReadPartitions(KafkaFacts& facts, const std::stop_token& stop);
  common::Result<void> ReadLastResult(const std::stop_token& stop);

  std::unique_ptr<GroupReader> group_;
  std::unique_ptr<TopicScan> callbacks_;
  std::unique_ptr<TopicScan> processes_;
  DeadWatch dead_;
  Extents results_;  ///< As they were the last time.
  std::optional<common::WallTime> last_result_;
};

}  // namespace ctl
