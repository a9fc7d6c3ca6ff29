#pragma once

#include <librdkafka/rdkafka.h>

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "common/base/result.h"
#include "common/domain/offset.h"
#include "common/domain/partition.h"
#include "common/domain/transaction_evidence.h"
#include "common/kafka/partition_reader.h"
#include "ops/ctl/kafka/kafka_client.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {

/// Reads the topics as read_committed and as read_uncommitted.
///
/// Threads: confined to one; every call is bounded.
/// Errors:  kRetry if no broker answers, else kStop.
class TransactionLog {
 public:
  static common::Result<std::unique_ptr<TransactionLog>> Open(const ClusterSettings& settings);

  struct Bounds {
    common::Offset begin{};
    common::Offset stable{};  ///< The last stable offset.
    common::Offset end{};
  };
  /// The bounds of each partition that has a leader.
  [[nodiscard]] common::Result<std::map<common::Partition, Bounds>> BoundsOf(
      const std::string& topic);

  using Visit = std::function<void(const rd_kafka_message_t&)>;
  /// Reads the records of the extent.
  /// Precondition: for committed records, it ends at `stable` or before.
  [[nodiscard]] common::Result<void> Read(common::kafka::IsolationLevel isolation,
                                          const std::string& topic, common::Partition partition,
                                          const common::kafka::Extent& extent, const Visit& visit);

  /// The group's committed offset on a partition of `callbacks`.
  [[nodiscard]] common::Result<common::OffsetWitnessed> CommittedOffset(
      common::Partition partition);

 private:
  TransactionLog(const ClusterSettings& settings, std::unique_ptr<KafkaClient> committed,
                 std::unique_ptr<KafkaClient> uncommitted);

  std::string callbacks_;
  std::unique_ptr<KafkaClient> committed_;
  std::unique_ptr<KafkaClient> uncommitted_;
};

}  // namespace ctl
