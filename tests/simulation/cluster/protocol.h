#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/domain/record_headers.h"

namespace simulation {

using common::WallTime;
using Offset = std::int64_t;
using ProducerId = std::int64_t;

enum class Topic { kCallbacks, kSeen, kProcesses, kDead, kOffsets, kTransactions, kExpected };

/// A partition. Those of kOffsets and kTransactions stand for the two coordinators.
struct Place {
  Topic topic = Topic::kCallbacks;
  int partition = 0;
  friend auto operator<=>(const Place&, const Place&) = default;
};
inline constexpr Place kGroupCoordinator{Topic::kOffsets, 0};
inline constexpr Place kTransactionCoordinator{Topic::kTransactions, 0};

/// Kafka's error codes, as far as they matter.
enum class Code {
  kNone,
  kNotLeader,  ///< NOT_LEADER_OR_FOLLOWER, NOT_COORDINATOR
  kConcurrentTransactions,
  kInvalidProducerEpoch,
  kProducerFenced,
  kInvalidTransactionState,
  kOutOfOrderSequence,
  kIllegalGeneration,
  kUnknownMember,
  kFencedInstance,
  kRebalanceInProgress,
  kUnstableOffset,
  kTransactionAbortable,
  kRecordTooLarge,
  kInvalidTimestamp,
  kNotEnoughReplicas,
  kInvalidPartitions,
};

/// Any broker, which answers whatever it leads.
[[nodiscard]] inline Place PlaceOfBroker(int broker) { return {Topic::kTransactions, 1 + broker}; }

struct Status {
  Code code = Code::kNone;
};

struct Producer {
  ProducerId id = -1;
  int epoch = -1;
};

/// A member's description of itself.
struct Member {
  int generation = -1;
  std::string id;
  std::string instance;
};

struct Committed {
  Offset offset = -1;
  std::string metadata;
};
using OffsetMap = std::map<int, Committed>;  ///< Of partitions of `callbacks`.

}  // namespace simulation
