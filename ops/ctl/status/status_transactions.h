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
#include "ops/ctl/kafka/topic_scan.h"
#include "ops/ctl/shell/settings.h"
#include "ops/ctl/status/status_facts.h"

namespace ctl {

/// The transactions that are open on the topics of the pipeline: no reader of committed records
/// gets past their first one.
///
/// Most live for milliseconds. One whose first record has its broker's time tells how old it is;
/// for the others the watch waits, as long as it may, whether they end.
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
  using Place = std::tuple<std::string, std::int32_t, std::int64_t>;
  struct Seen {
    TimePoint first{};
    std::optional<PeekedRecord> record{};
  };

  common::Result<void> LookOnce(TimePoint now);

  std::map<std::string, std::unique_ptr<TopicScan>> scans_;  ///< By topic.
  std::map<Place, Seen> seen_;  ///< The transactions that were open when it was looked last.
};

}  // namespace ctl
