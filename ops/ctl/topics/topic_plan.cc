#include "ops/ctl/topics/topic_plan.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "common/base/number.h"
#include "ops/ctl/shell/output.h"

namespace ctl {
namespace {

using common::TopicSpec;
using common::kafka::ClusterFacts;
using common::kafka::TopicFacts;
using common::kafka::TopicFault;

const TopicFacts* Existing(const ClusterFacts& facts, const std::string& topic) {
  const auto found = facts.topics.find(topic);
  if (found == facts.topics.end() || found->second.access == TopicFacts::Access::kMissing) {
    return nullptr;
  }
  return &found->second;
}

/// A topic's property as a duration. Negative: without end.
std::optional<std::chrono::milliseconds> DurationOf(const std::string& text) {
  const auto number = common::ParseNumber<std::int64_t>(text);
  return number ? std::optional(std::chrono::milliseconds(*number)) : std::nullopt;
}

std::string Shown(std::chrono::milliseconds duration) {
  return duration.count() < 0 ? "without end" : "for " + RenderAge(duration);
}

}  // namespace

common::TopicPlan PlanFor(const ClusterFacts& facts, const common::TopicNames& names,
                          const RequestedTopics& requested, const Waits& waits) {
  constexpr int kCopies = 3;
  common::TopicPlan plan;
  if (const TopicFacts* callbacks = Existing(facts, names.callbacks);
      callbacks != nullptr && callbacks->partitions > 0) {
    plan.partitions = callbacks->partitions;
  }
  plan.partitions = requested.partitions.value_or(plan.partitions);
  plan.replication = requested.replication.value_or(std::clamp(facts.brokers, 1, kCopies));
  const auto hours_of = [](std::chrono::seconds wait) {
    return static_cast<int>(std::chrono::ceil<std::chrono::hours>(wait).count());
  };
  plan.dedup_reach_hours = hours_of(waits.dedup_reach);
  plan.expected_wait_hours = hours_of(waits.expected);
  return plan;
}

std::vector<TopicSpec> MissingOf(const std::vector<TopicSpec>& specs, const ClusterFacts& facts) {
  std::vector<TopicSpec> missing;
  for (const TopicSpec& spec : specs) {
    if (Existing(facts, spec.name) == nullptr) missing.push_back(spec);
  }
  return missing;
}

std::vector<std::string> UnmetRequests(const std::vector<TopicSpec>& specs,
                                       const ClusterFacts& facts,
                                       const RequestedTopics& requested) {
  std::vector<std::string> lines;
  const auto compare = [&](const std::string& topic, std::string_view what, int have, int want) {
    if (have == want) return;
    lines.push_back(topic + " exists with " + std::string(what) + " " + std::to_string(have) +
                    ", not " + std::to_string(want));
  };
  for (const TopicSpec& spec : specs) {
    const TopicFacts* const topic = Existing(facts, spec.name);
    if (topic == nullptr || topic->access != TopicFacts::Access::kAllowed) continue;
    if (requested.partitions) compare(spec.name, "partitions", topic->partitions, spec.partitions);
    if (requested.replication)
      compare(spec.name, "replication", topic->replication, spec.replication);
  }
  return lines;
}

std::vector<std::string> FindLongerKept(const std::vector<TopicSpec>& specs,
                                        const ClusterFacts& facts, const std::string& seen) {
  std::vector<std::string> lines;
  for (const TopicSpec& spec : specs) {
    const TopicFacts* const topic = Existing(facts, spec.name);
    if (topic == nullptr || spec.name == seen) continue;
    for (const auto& [property, planned] : spec.config) {
      const bool is_segment = property == "segment.ms";
      if (property != "retention.ms" && !is_segment) continue;
      const auto found = topic->config.find(property);
      if (found == topic->config.end()) continue;
      const auto have = DurationOf(found->second);
      const auto want = DurationOf(planned);
      if (!have || !want || (have->count() >= 0 && *have <= *want)) continue;
      std::string line = spec.name;
      line.append(is_segment ? " fills each segment " : " keeps records ")
          .append(Shown(*have))
          .append(", not ")
          .append(Shown(*want));
      if (is_segment) line.append("; a record stays until its whole segment is old enough");
      line.append(". To change it: kafka-configs.sh --alter --entity-type topics --entity-name ")
          .append(spec.name)
          .append(" --add-config ")
          .append(property)
          .append("=")
          .append(planned);
      lines.push_back(std::move(line));
    }
  }
  return lines;
}

bool CountsAsDifference(TopicFault fault) {
  return fault != TopicFault::kReplication && fault != TopicFault::kNoPermission;
}

}  // namespace ctl
