#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "common/base/rfc3339.h"
#include "common/domain/partition.h"
#include "ops/ctl/kafka/cluster.h"
#include "ops/ctl/kafka/group_reader.h"
#include "ops/ctl/kafka/topic_scan.h"
#include "ops/ctl/shell/settings.h"
#include "ops/ctl/status/status_dead.h"
#include "ops/ctl/status/status_facts.h"
#include "ops/ctl/status/status_transactions.h"

namespace ctl {

/// Reads the facts of `status` from the cluster. Repeated reads use the same connections.
///
/// Threads: confined to one; every call is bounded.
/// Errors:  kRetry if no broker answers; else kStop. Failures that affect only a part of the facts
///          are named in KafkaFacts::unknown instead.
class StatusReader {
 public:
  static common::Result<std::unique_ptr<StatusReader>> Open(const ClusterSettings& settings);

  /// `patience`: how long to wait for open transactions to end.
  [[nodiscard]] common::Result<KafkaFacts> Read(common::WallTime now,
                                                std::chrono::milliseconds patience,
                                                const std::stop_token& stop);

 private:
  explicit StatusReader(ClusterSettings settings) : settings_(std::move(settings)) {}
  common::Result<void> ReadPartitions(KafkaFacts& facts, std::chrono::milliseconds patience,
                                      const std::stop_token& stop);
  common::Result<void> ReadOffsets(KafkaFacts& facts, std::chrono::milliseconds patience,
                                   const std::stop_token& stop);
  void ReadWaiting(KafkaFacts& facts, const std::stop_token& stop);
  void CompareWithWitnesses(KafkaFacts& facts, const std::stop_token& stop);
  common::Result<void> ReadLastResults(KafkaFacts& facts, const std::stop_token& stop);
  [[nodiscard]] common::Result<std::vector<common::kafka::TopicFinding>> CheckTopics();

  ClusterSettings settings_;
  std::unique_ptr<GroupReader> group_;
  std::unique_ptr<TopicScan> callbacks_;
  std::unique_ptr<TopicScan> processes_;
  std::unique_ptr<DeadWatch> dead_;
  std::unique_ptr<TransactionWatch> transactions_;
  std::unique_ptr<Cluster> cluster_;
  Extents results_;  ///< Of the last read.
  std::map<common::Partition, common::WallTime> last_results_;
  /// The time since which a partition's committed offset has been pending.
  std::map<common::Partition, std::chrono::steady_clock::time_point> pending_since_;
};

}  // namespace ctl
