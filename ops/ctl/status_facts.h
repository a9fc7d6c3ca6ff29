#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/rfc3339.h"
#include "ops/ctl/status_group.h"
#include "ops/ctl/status_instance.h"

namespace ctl {

/// One partition of `callbacks`.
struct PartitionFacts {
  std::int32_t partition = 0;
  std::optional<std::int64_t> committed;
  std::int64_t end = 0;
  std::int64_t lag = 0;  ///< Records not yet disposed of.
  /// Record time of the oldest of them; none if there are none, or it could not be read.
  std::optional<common::WallTime> oldest;
};

struct DeadFacts {
  std::int64_t total = 0;
  bool is_exact = true;  ///< False: `total` at most, too many to be counted.
  std::map<std::string, std::int64_t> last_hour;  ///< By reason.

  [[nodiscard]] std::int64_t LastHour() const;
};

/// What Kafka tells.
struct KafkaFacts {
  GroupFacts group;
  std::vector<PartitionFacts> partitions;
  DeadFacts dead;
  std::optional<common::WallTime> last_result;
};

/// Partitions that no member has.
[[nodiscard]] std::vector<std::int32_t> UnheldOf(const KafkaFacts& kafka);

/// What is not disposed of in some of the partitions.
struct Waiting {
  std::int64_t lag = 0;
  std::optional<common::WallTime> oldest;
};
[[nodiscard]] Waiting WaitingIn(const KafkaFacts& kafka,
                                const std::vector<std::int32_t>& partitions);
[[nodiscard]] std::int64_t LagOf(const KafkaFacts& kafka);

/// Everything that `status` shows.
struct StatusFacts {
  common::WallTime now{};
  std::string group;
  std::optional<KafkaFacts> kafka;
  std::string kafka_error;  ///< Why there is nothing of Kafka.
  std::vector<InstanceFacts> instances;
};

/// What an operator should look at, a sentence each; empty: all is well.
[[nodiscard]] std::vector<std::string> FindTroubles(const StatusFacts& facts);

}  // namespace ctl
