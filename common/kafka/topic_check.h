#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/domain/topics.h"
#include "common/kafka/topic_facts.h"

namespace common::kafka {

/// How a topic differs from what Sluice wants. The first four are refused: a promise would not
/// hold.
enum class TopicFault {
  kMissing,
  kPartitions,   ///< callbacks, callbacks.seen and processes have different counts.
  kCompacted,    ///< Compaction removes records whose key comes again.
  kMinInsync,    ///< Replicated, but an ack may mean one copy.
  kReplication,  ///< One copy only.
  kTimestamps,
  kRetention,
  kRetentionBytes,   ///< Records may go by size before their time.
  kUncleanElection,  ///< A replica that lags may become the leader: what it has not got is lost.
  kMessageSize,      ///< Too small for what will be written.
  kNoPermission,     ///< To look: nothing is known.
};

struct TopicFinding {
  TopicFault fault = TopicFault::kMissing;
  std::string topic;
  std::string text;  ///< What is wrong and what to do about it, in a sentence.
};

[[nodiscard]] bool IsRefused(TopicFault fault);
/// As a log line and a metric label name it: "missing", "partitions", …
[[nodiscard]] std::string_view ToText(TopicFault fault);

/// Whose view of the topics is checked.
enum class TopicScope {
  kCallbacks,  ///< ingest: `callbacks` alone.
  kAll,        ///< consumer and sluicectl: all four.
};

/// What the topics must be fit for.
struct TopicNeeds {
  std::chrono::seconds dedup_reach{};  ///< ProviderTable::DedupReach().
  /// A callback with its headers: max_body and max_head of ingest.
  std::int64_t callback_bytes = 1024 * 1024 + 16 * 1024;
  /// A result: two answers of max_response, and the callback's own fields.
  std::int64_t result_bytes = 2 * 4 * 1024 * 1024 + 1024 * 1024 + 16 * 1024;
};

/// Compares what exists with what is wanted: the pure half of the start-up check. Empty: all well.
/// Partition counts need not be those of the plan, only equal where topics are co-partitioned.
[[nodiscard]] std::vector<TopicFinding> CheckTopics(const TopicNames& names, TopicScope scope,
                                                    const TopicNeeds& needs,
                                                    const ClusterFacts& facts);

/// The topics that a scope looks at.
[[nodiscard]] std::vector<std::string> TopicsOf(const TopicNames& names, TopicScope scope);

}  // namespace common::kafka
