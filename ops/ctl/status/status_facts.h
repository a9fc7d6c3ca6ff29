#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/domain/offset.h"
#include "common/domain/offset_metadata.h"
#include "common/domain/partition.h"
#include "common/kafka/topic_check.h"
#include "ops/ctl/instances/instance_facts.h"
#include "ops/ctl/kafka/group_reader.h"

namespace ctl {

/// One partition of `callbacks`. An unknown fact is none.
struct PartitionFacts {
  common::Partition partition{};
  common::Offset begin{};
  common::Offset end{};
  std::optional<common::Offset> committed{};  ///< None: the group has committed none.
  common::OffsetMetadata rests_on{};          ///< The metadata of the committed offset.
  /// The observed time for which an open transaction has held back the next offset; 0: none does.
  std::chrono::milliseconds pending_for{};
  /// The log has another record at an offset that the group has read before its commit: the last
  /// one, or one before a pause in reading.
  bool is_another_log = false;

  std::int64_t lag = 0;  ///< Records not yet disposed of.
  /// The record time of the oldest of them. None: there are none, or it could not be read.
  std::optional<common::WallTime> oldest{};
  std::optional<common::WallTime> last_result{};  ///< None: there is none, or it is unknown.

  [[nodiscard]] bool HasGoneBack() const {
    return is_another_log || (committed && *committed > end);
  }
  /// The number of offsets that expired before the group read them.
  [[nodiscard]] std::int64_t ExpiredUnread() const {
    return committed && *committed < begin ? begin - *committed : 0;
  }
};

struct DeadFacts {
  std::int64_t total = 0;
  bool is_exact = true;  ///< False: too many to count; `total` is an upper bound.
  std::map<std::string, std::int64_t> last_hour;  ///< By reason.

  [[nodiscard]] std::int64_t LastHour() const;
};

/// An open transaction: read_committed consumers stop before its first record.
struct OpenTransaction {
  std::string topic;
  common::Partition partition{};
  common::Offset offset{};  ///< Of its first record there.
  /// The time when the broker received that record. None: the topic does not use LogAppendTime.
  std::optional<common::WallTime> since{};
  bool is_of_announcements = false;      ///< Of a program that announces processes.
  std::chrono::milliseconds seen_for{};  ///< The time for which it was observed to be open.
  std::string instance{};                ///< From the record's headers; empty: absent.
  std::string transaction{};

  [[nodiscard]] std::chrono::milliseconds AgeAt(common::WallTime now) const;
};

/// The facts from Kafka. An unknown fact is none, and `unknown` names it.
struct KafkaFacts {
  std::vector<PartitionFacts> partitions;
  std::optional<GroupFacts> group;
  std::optional<DeadFacts> dead;
  std::optional<std::vector<OpenTransaction>> transactions;
  std::optional<std::vector<common::kafka::TopicFinding>> topics;
  bool are_results_known = false;    ///< The last results were looked up.
  std::vector<std::string> unknown;  ///< Sentences: which facts are unknown, and why.

  [[nodiscard]] std::optional<common::WallTime> LastResult() const;
};

/// The partitions assigned to no member; empty if the group is unknown.
[[nodiscard]] std::vector<common::Partition> UnassignedPartitions(const KafkaFacts& kafka);

/// The callbacks in some partitions that are not yet disposed of.
struct Waiting {
  std::int64_t lag = 0;
  std::optional<common::WallTime> oldest;
};
[[nodiscard]] Waiting WaitingIn(const KafkaFacts& kafka,
                                const std::vector<common::Partition>& partitions);
[[nodiscard]] std::int64_t LagOf(const KafkaFacts& kafka);

/// Callbacks per second between two looks.
struct Rates {
  double in = 0;       ///< Appended to the topic.
  double handled = 0;  ///< Passed by the group's committed offsets.
};
/// None if no time lies between the looks, or if a log or an offset went back or is new.
[[nodiscard]] std::optional<Rates> RatesBetween(const KafkaFacts& before, const KafkaFacts& after,
                                                std::chrono::milliseconds elapsed);

/// All facts that `status` shows.
struct StatusFacts {
  common::WallTime now{};  ///< By the clock of this machine.
  std::string group;
  std::optional<KafkaFacts> kafka;
  std::string kafka_error;  ///< Why `kafka` is none.
  std::vector<InstanceFacts> instances;
  std::optional<Rates> rates{};  ///< Since the previous look of --watch.

  /// The current time, or the latest broker timestamp if this machine's clock is behind it, so that
  /// ages never look too small.
  [[nodiscard]] common::WallTime Now() const;
};

}  // namespace ctl
