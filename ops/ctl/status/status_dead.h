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

/// Counts the dead letters in all and in the last hour. Reads each letter once: first all of them,
/// or, if there are more than 50,000, those of the last hour, at most 50,000.
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
  Extents read_;  ///< The extent read so far, for every partition; empty: before the first look.
  bool is_exact_ = true;
  std::int64_t total_ = 0;
  std::deque<std::pair<common::WallTime, std::string>> recent_;  ///< With reasons.
};

}  // namespace ctl
