#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/base/deadline.h"
#include "common/base/result.h"
#include "common/kafka/partition_offsets.h"
#include "ops/ctl/kafka_client.h"
#include "ops/ctl/settings.h"

namespace ctl {

/// A member of the consumer group: a lane of an instance.
struct GroupMember {
  std::string name;  ///< group.instance.id, <instance>-<lane>; without one, the member id.
  std::string host;  ///< As its broker sees it.
  std::vector<std::int32_t> partitions;  ///< Of `callbacks`, ascending.
};

struct GroupFacts {
  std::string state;                 ///< In Kafka's words: "Stable", "Empty", …
  std::vector<GroupMember> members;  ///< By name.
};

/// Asks about the consumer group without being a member.
///
/// Threads: confined to one; every call blocks until its deadline, or half a second longer.
/// Errors:  kRetry "no_broker" where nobody answers; else kStop.
class GroupReader {
 public:
  static common::Result<std::unique_ptr<GroupReader>> Open(const ClusterSettings& settings);

  /// The committed offsets on `callbacks`; partitions without one are left out. Waits for
  /// transactions that carry an offset of the group (require_stable).
  [[nodiscard]] common::Result<common::kafka::PartitionOffsets> Committed(
      const std::vector<std::int32_t>& partitions, common::Deadline deadline);

  [[nodiscard]] common::Result<GroupFacts> Describe(common::Deadline deadline);

 private:
  GroupReader(const ClusterSettings& settings, std::unique_ptr<KafkaClient> client);

  std::string group_;
  std::string topic_;
  std::unique_ptr<KafkaClient> client_;
};

}  // namespace ctl
