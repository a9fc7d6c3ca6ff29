#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "common/domain/topics.h"
#include "common/kafka/topic_check.h"
#include "common/kafka/topic_facts.h"

namespace ctl {

/// The numbers given to `topics create`.
struct RequestedTopics {
  std::optional<int> partitions;
  std::optional<int> replication;
};

/// How long topics must outlive others, or what is on them.
struct Waits {
  std::chrono::seconds dedup_reach{};
  std::chrono::seconds expected = std::chrono::hours(24);  ///< `expected.max_wait` of consumer.
};

/// The plan for this cluster. Defaults: one replica per broker, up to three, and as many partitions
/// as `callbacks` has, if it exists.
[[nodiscard]] common::TopicPlan PlanFor(const common::kafka::ClusterFacts& facts,
                                        const common::TopicNames& names,
                                        const RequestedTopics& requested, const Waits& waits);

/// The specs of topics that do not exist yet.
[[nodiscard]] std::vector<common::TopicSpec> MissingOf(const std::vector<common::TopicSpec>& specs,
                                                       const common::kafka::ClusterFacts& facts);

/// One line for each number of an existing topic that differs from the given one.
[[nodiscard]] std::vector<std::string> UnmetRequests(const std::vector<common::TopicSpec>& specs,
                                                     const common::kafka::ClusterFacts& facts,
                                                     const RequestedTopics& requested);

/// One line for each setting by which an existing topic keeps records longer than its spec says,
/// with the command that changes it: an earlier release made it, or the operator chose it. Not a
/// difference. Leaves out `seen`, whose retention follows that of the callbacks.
[[nodiscard]] std::vector<std::string> FindLongerKept(const std::vector<common::TopicSpec>& specs,
                                                      const common::kafka::ClusterFacts& facts,
                                                      const std::string& seen);

/// True if a finding makes `topics create|check` end with status 3. Exceptions: a single replica,
/// which a cluster of one broker must have, and missing permissions.
[[nodiscard]] bool CountsAsDifference(common::kafka::TopicFault fault);

}  // namespace ctl
