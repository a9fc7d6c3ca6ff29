#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>

#include "common/base/result.h"
#include "common/base/rfc3339.h"
#include "ops/ctl/kafka/topic_scan.h"
#include "ops/ctl/status/status_facts.h"

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

}  // namespace ctl
