#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <tuple>
#include <vector>

#include "common/base/result.h"
#include "common/base/rfc3339.h"
#include "common/domain/offset.h"
#include "common/domain/partition.h"
#include "ops/ctl/kafka/topic_scan.h"
#include "ops/ctl/shell/settings.h"
#include "ops/ctl/status/status_facts.h"

namespace ctl {

/// Watches the open transactions on the topics of the pipeline. A read_committed consumer cannot
/// pass their first record.
///
/// Most last for milliseconds. LogAppendTime on the first record shows a transaction's age; for the
/// others the watch waits, up to its patience, whether they end.
///
/// Threads: confined to one.
/// Errors:  those of TopicScan.
class TransactionWatch {
 public:
  static common::Result<std::unique_ptr<TransactionWatch>> Open(const ClusterSettings& settings);

  [[nodiscard]] common::Result<std::vector<OpenTransaction>> Look(
      std::chrono::milliseconds patience, const std::stop_token& stop);

 private:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Place = std::tuple<std::string, common::Partition, common::Offset>;
  struct Seen {
    TimePoint first{};
    std::optional<PeekedRecord> record{};
  };

  common::Result<void> LookOnce(TimePoint now);

  std::map<std::string, std::unique_ptr<TopicScan>> scans_;  ///< By topic.
  std::string announcements_;   ///< The topic that others do not depend on; empty: not watched.
  std::map<Place, Seen> seen_;  ///< The transactions that were open at the last look.
};

}  // namespace ctl
