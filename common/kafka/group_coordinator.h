#pragma once

#include <librdkafka/rdkafka.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/deadline.h"
#include "common/base/result.h"
#include "common/domain/partition.h"

namespace common::kafka {

struct GroupMember {
  std::string name;                   ///< group.instance.id, or else the member id.
  std::string id = {};                ///< The member id.
  std::string host;                   ///< As the broker sees it.
  std::vector<Partition> partitions;  ///< Of the requested topic, ascending.
  std::size_t others = 0;             ///< Partitions of other topics.
};

struct GroupFacts {
  std::string state;                 ///< Kafka's name: "Stable", "Empty", …
  std::vector<GroupMember> members;  ///< By name.
  /// This client's rights on the group. Empty if librdkafka cannot ask, as before 2.3.
  std::optional<std::vector<rd_kafka_AclOperation_t>> allowed = {};
};

/// The broker that coordinates a consumer group.
///
/// librdkafka can find it, but must not be asked to: if a request that waits for the coordinator
/// times out, librdkafka up to 2.14.1 reads freed memory as soon as the coordinator connects, and
/// an assertion of its own ends the process (its issues 3663 and 4605). A request to a named broker
/// has no such flaw. So this class asks the brokers one after the other and remembers which one it
/// was.
///
/// Threads:  confined to one; calls block.
/// Lifetime: the client, of any kind, outlives it.
class GroupCoordinator {
 public:
  GroupCoordinator(rd_kafka_t* client, std::string group)
      : client_(client), group_(std::move(group)) {}

  /// The members of the group and their partitions of `topic`.
  ///
  /// Time:    one request to the coordinator, after at most one to each other broker if it has moved.
  ///          Ends at most half a second after the deadline.
  /// Errors:  kRetry "no_broker" if no coordinator answered; kStop "denied" without the right to
  ///          describe the group; otherwise kStop with Kafka's message.
  [[nodiscard]] Result<GroupFacts> Describe(const std::string& topic, Deadline deadline);

 private:
  /// All brokers, first the one that was the coordinator.
  [[nodiscard]] Result<std::vector<std::int32_t>> Candidates(Deadline deadline) const;

  [[nodiscard]] Error Failed(rd_kafka_resp_err_t failed) const;

  rd_kafka_t* client_;
  std::string group_;
  std::int32_t last_ = -1;
};

}  // namespace common::kafka
