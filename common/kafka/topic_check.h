#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/domain/topics.h"
#include "common/kafka/topic_facts.h"

namespace common::kafka {

/// How a topic differs from what Sluice requires. The first four are refused, since they break a
/// guarantee.
enum class TopicFault {
  kMissing,
  kPartitions,  ///< A topic has fewer partitions than callbacks; callbacks.expected: other ones.
  kCompacted,   ///< Compaction removes records whose key occurs again.
  kMinInsync,   ///< Replicated, but one copy suffices for an ack.
  kMorePartitions,  ///< callbacks.seen or processes has more than callbacks: harms nobody.
  kReplication,     ///< One copy only.
  kTimestamps,
  kRetention,
  kRetentionBytes,   ///< Kafka may delete records by size before their time.
  kUncleanElection,  ///< A lagging replica may become the leader and lose acknowledged records.
  kMessageSize,      ///< max.message.bytes is too small for our records.
  kNoPermission,     ///< This client may not describe the topic.
};

struct TopicFinding {
  TopicFault fault = TopicFault::kMissing;
  std::string topic;
  std::string text;  ///< A sentence: the defect and its remedy.
};

[[nodiscard]] bool IsRefused(TopicFault fault);
/// The name in log lines and metric labels: "missing", "partitions", …
[[nodiscard]] std::string_view ToText(TopicFault fault);

/// Which topics to check.
enum class TopicScope {
  kCallbacks,             ///< ingest: only `callbacks`.
  kCallbacksAndExpected,  ///< ingest that takes announcements.
  kHandling,              ///< consumer: all but `expected`.
  kAll,                   ///< consumer that watches for announced processes, and sluicectl.
};

/// The requirements on the topics.
struct TopicNeeds {
  std::chrono::seconds dedup_reach{};    ///< ProviderTable::DedupReach().
  std::chrono::seconds expected_wait{};  ///< `expected.max_wait`.
  /// The largest callback with headers: max_body plus max_head of ingest.
  std::int64_t callback_bytes = 1024 * 1024 + 16 * 1024;
  /// The largest announcement: two ids of 256 bytes, each byte escaped as six, the provider, JSON,
  /// the key and the headers.
  std::int64_t announcement_bytes = 4'096;
  /// The largest result: two answers of max_response plus the callback's own fields.
  std::int64_t result_bytes = 2 * 4 * 1024 * 1024 + 1024 * 1024 + 16 * 1024;
};

/// The pure part of the start-up check: compares the cluster's topics with the requirements. Empty
/// if all is well. Partition counts may differ from the plan, but co-partitioned topics must agree.
[[nodiscard]] std::vector<TopicFinding> CheckTopics(const TopicNames& names, TopicScope scope,
                                                    const TopicNeeds& needs,
                                                    const ClusterFacts& facts);

/// The topics of a scope.
[[nodiscard]] std::vector<std::string> TopicsOf(const TopicNames& names, TopicScope scope);

}  // namespace common::kafka
