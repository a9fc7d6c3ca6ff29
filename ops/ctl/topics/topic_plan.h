#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "common/domain/topics.h"
#include "common/kafka/topic_check.h"
#include "common/kafka/topic_facts.h"

namespace ctl {

/// What `topics create` was asked for.
struct TopicWishes {
  std::optional<int> partitions;
  std::optional<int> replication;
};

/// The plan for this cluster. Unless wished otherwise: as many copies as there are brokers, up to
/// three, and as many partitions as `callbacks` has if it is there already.
[[nodiscard]] common::TopicPlan PlanFor(const common::kafka::ClusterFacts& facts,
                                        const common::TopicNames& names, const TopicWishes& wishes,
                                        std::chrono::seconds dedup_reach);

/// The specs of topics that do not exist yet.
[[nodiscard]] std::vector<common::TopicSpec> MissingOf(const std::vector<common::TopicSpec>& specs,
                                                       const common::kafka::ClusterFacts& facts);

/// A line on each existing topic that has other numbers than were wished for.
[[nodiscard]] std::vector<std::string> UnmetWishes(const std::vector<common::TopicSpec>& specs,
                                                   const common::kafka::ClusterFacts& facts,
                                                   const TopicWishes& wishes);

/// Whether a finding makes `topics create|check` end with status 3: all but one copy of
/// everything, which is how a cluster of one broker has to be, and what may not be looked at.
[[nodiscard]] bool CountsAsDifference(common::kafka::TopicFault fault);

}  // namespace ctl
