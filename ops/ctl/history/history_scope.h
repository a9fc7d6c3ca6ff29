#pragma once

#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/base/rfc3339.h"
#include "common/domain/partition.h"
#include "common/domain/transaction_evidence.h"
#include "common/kafka/partition_offsets.h"
#include "ops/ctl/kafka/group_reader.h"
#include "ops/ctl/kafka/topic_scan.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {

/// One topic and its ends.
struct HistoryLog {
  std::string name{};
  std::unique_ptr<TopicScan> scan{};
  common::kafka::PartitionOffsets settled{};  ///< The stable ends at first,
  common::kafka::PartitionOffsets stable{};   ///< and at last.
  Extents whole{};                            ///< From the begin of the log.
  Extents extents{};                          ///< From the start of the range.

  /// The part of these extents that readers of committed records can read.
  [[nodiscard]] Extents Stable(const Extents& some) const;
};

/// The logs and offsets that a history is read from. They are looked up in this order, so that work
/// in progress does not look like an anomaly:
///
///   stable ends of what consumer writes   ; transactions below them have ended there, so all their
///                                         ; records are written
///   offsets of the group
///   ends
///   stable ends again, once they have reached the ends; after 15 s, a transaction stays open
struct HistoryScope {
  HistoryLog callbacks{};
  HistoryLog seen{};
  HistoryLog processes{};
  HistoryLog dead{};
  HistoryLog expected{};  ///< Without a scan if consumer does not watch for announced processes.
  CommittedOffsets committed{};
  bool are_offsets_stable = true;  ///< False: an open transaction holds them back.

  /// The logs that have a scan.
  [[nodiscard]] std::vector<HistoryLog*> Logs();
  /// Of `callbacks`.
  [[nodiscard]] int partitions() const { return static_cast<int>(callbacks.whole.size()); }
  /// Of `processes` and `callbacks.seen`: as many as have a million offsets together, or one.
  [[nodiscard]] std::vector<std::vector<common::Partition>> Batches() const;
  [[nodiscard]] common::OffsetWitnessed CommittedOn(common::Partition partition) const;
};

/// `from`: the start of the range of record times.
/// Errors: those of TopicScan and GroupReader; kRetry "interrupted" after a stop.
[[nodiscard]] common::Result<HistoryScope> FindHistoryScope(const ClusterSettings& settings,
                                                            common::WallTime from,
                                                            const std::stop_token& stop);

}  // namespace ctl
