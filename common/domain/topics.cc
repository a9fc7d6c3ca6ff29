#include "common/domain/topics.h"

#include <chrono>

namespace common {
namespace {

std::string Milliseconds(std::chrono::milliseconds duration) {
  return std::to_string(duration.count());
}

}  // namespace

std::vector<TopicSpec> PlanTopics(const TopicNames& names, const TopicPlan& plan) {
  using std::chrono::hours;
  constexpr hours kWeek{7 * 24};
  constexpr hours kDay{24};
  constexpr hours kDeadRetention{28 * 24};
  const auto topic = [&](const std::string& name, int partitions, const char* timestamps,
                         hours retention) {
    return TopicSpec{.name = name,
                     .partitions = partitions,
                     .replication = plan.replication,
                     .config = {{"min.insync.replicas", plan.replication >= 2 ? "2" : "1"},
                                {"unclean.leader.election.enable", "false"},
                                {"compression.type", "producer"},
                                {"cleanup.policy", "delete"},
                                {"message.timestamp.type", timestamps},
                                {"retention.ms", Milliseconds(retention)},
                                {"max.message.bytes", std::to_string(12 * 1024 * 1024)}}};
  };
  TopicSpec seen =
      topic(names.seen, plan.partitions, "CreateTime", kWeek + hours(plan.dedup_reach_hours));
  seen.config.emplace_back("segment.ms", Milliseconds(hours(1)));
  seen.config.emplace_back("segment.bytes", std::to_string(64 * 1024 * 1024));
  // Kafka deletes whole segments: a record stays for its retention and up to segment.ms more.
  const auto daily = [&](const std::string& name, int partitions, hours retention) {
    TopicSpec spec = topic(name, partitions, "LogAppendTime", retention);
    spec.config.emplace_back("segment.ms", Milliseconds(kDay));
    return spec;
  };
  return {daily(names.callbacks, plan.partitions, kWeek), seen,
          daily(names.processes, plan.partitions, kWeek),
          daily(names.dead, plan.dead_partitions, kDeadRetention),
          daily(names.expected, plan.partitions, hours(plan.expected_wait_hours) + kDay)};
}

}  // namespace common
