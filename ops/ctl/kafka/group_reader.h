#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/base/deadline.h"
#include "common/base/result.h"
#include "common/domain/partition.h"
#include "common/kafka/committed_offsets.h"
#include "common/kafka/group_coordinator.h"
#include "ops/ctl/kafka/kafka_client.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {

/// A member is a lane of an instance: <instance>-<lane>.
using common::kafka::GroupFacts;
using common::kafka::GroupMember;

/// By partition of `callbacks`.
using CommittedOffsets = std::map<common::Partition, common::kafka::CommittedOffset>;

/// Asks about the consumer group, and commits for it, without being a member.
///
/// Threads: confined to one; every call blocks until its deadline, or half a second longer.
/// Errors:  kRetry "no_broker" if no broker answers; else kStop.
class GroupReader {
 public:
  static common::Result<std::unique_ptr<GroupReader>> Open(const ClusterSettings& settings);

  /// The committed offsets on `callbacks`, without the partitions that have none. Waits for open
  /// transactions that contain offsets of the group (require_stable).
  [[nodiscard]] common::Result<CommittedOffsets> Committed(
      const std::vector<common::Partition>& partitions, common::Deadline deadline);

  /// The same without waiting: the offsets from before the transactions that are open now.
  [[nodiscard]] common::Result<CommittedOffsets> CommittedBefore(
      const std::vector<common::Partition>& partitions, common::Deadline deadline);

  [[nodiscard]] common::Result<GroupFacts> Describe(common::Deadline deadline);

  /// Commits offsets on `callbacks`. Kafka refuses it while the group has members.
  [[nodiscard]] common::Result<void> Commit(const CommittedOffsets& offsets,
                                            common::Deadline deadline);

 private:
  GroupReader(const ClusterSettings& settings, std::unique_ptr<KafkaClient> stable,
              std::unique_ptr<KafkaClient> unstable);
  [[nodiscard]] common::Result<CommittedOffsets> Ask(
      const KafkaClient& client, const std::vector<common::Partition>& partitions,
      common::Deadline deadline) const;

  std::string group_;
  std::string topic_;
  std::unique_ptr<KafkaClient> client_;    ///< Asks for stable offsets.
  std::unique_ptr<KafkaClient> unstable_;  ///< Asks without waiting.
  common::kafka::GroupCoordinator coordinator_;
};

}  // namespace ctl
