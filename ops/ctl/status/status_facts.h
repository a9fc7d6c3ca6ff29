#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/domain/offset_metadata.h"
#include "common/kafka/topic_check.h"
#include "ops/ctl/kafka/group_reader.h"
#include "ops/ctl/status/status_instance.h"

namespace ctl {

/// One partition of `callbacks`. What could not be asked is none.
struct PartitionFacts {
  std::int32_t partition = 0;
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::optional<std::int64_t> committed{};  ///< None: the group has none.
  common::OffsetMetadata rests_on{};        ///< What the committed offset rests on.
  /// For how long an open transaction has been seen to hold the next offset back; 0: it does not.
  std::chrono::milliseconds pending_for{};
  /// The record that was read last when the offset was committed is not the one that lies there.
  bool is_another_log = false;

  std::int64_t lag = 0;  ///< Records not yet disposed of.
  /// Record time of the oldest of them; none if there are none, or it could not be read.
  std::optional<common::WallTime> oldest{};
  std::optional<common::WallTime> last_result{};  ///< None: there is none, or it is not known.

  [[nodiscard]] bool HasGoneBack() const {
    return is_another_log || (committed && *committed > end);
  }
  /// Offsets that have expired before the group came to them.
  [[nodiscard]] std::int64_t ExpiredUnread() const {
    return committed && *committed < begin ? begin - *committed : 0;
  }
};

struct DeadFacts {
  std::int64_t total = 0;
  bool is_exact = true;  ///< False: `total` at most, too many to be counted.
  std::map<std::string, std::int64_t> last_hour;  ///< By reason.

  [[nodiscard]] std::int64_t LastHour() const;
};

/// A transaction that is open: readers of committed records stop before its first one.
struct OpenTransaction {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;  ///< Of its first record there.
  /// When the broker got that record; none: the record has another time.
  std::optional<common::WallTime> since{};
  std::chrono::milliseconds seen_for{};  ///< For how long it was watched without ending.
  std::string instance{};                ///< As the record says; empty: it does not.
  std::string transaction{};

  [[nodiscard]] std::chrono::milliseconds AgeAt(common::WallTime now) const;
};

/// What Kafka tells. What could not be asked is none, and named in `unknown`.
struct KafkaFacts {
  std::vector<PartitionFacts> partitions;
  std::optional<GroupFacts> group;
  std::optional<DeadFacts> dead;
  std::optional<std::vector<OpenTransaction>> transactions;
  std::optional<std::vector<common::kafka::TopicFinding>> topics;
  bool are_results_known = false;    ///< Whether last results were asked for.
  std::vector<std::string> unknown;  ///< What could not be asked and why, a sentence each.

  [[nodiscard]] std::optional<common::WallTime> LastResult() const;
};

/// Partitions that no member has; none if the group is not known.
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
  common::WallTime now{};  ///< By our own clock.
  std::string group;
  std::optional<KafkaFacts> kafka;
  std::string kafka_error;  ///< Why there is nothing of Kafka.
  std::vector<InstanceFacts> instances;

  /// Now, or the latest time that a broker has written, if our own clock is behind it: what has
  /// waited must not look younger than it is.
  [[nodiscard]] common::WallTime Now() const;
};

}  // namespace ctl
