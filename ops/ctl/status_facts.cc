#include "ops/ctl/status_facts.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "ops/ctl/status_report.h"

namespace ctl {
namespace {

using common::WallTime;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// A callback takes less than that from its acknowledgement to its result while all is well.
constexpr std::chrono::minutes kLongWait{1};

std::string Plural(std::int64_t number, const std::string& what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

std::string Join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

void JudgeGroup(const KafkaFacts& kafka, const std::string& group,
                std::vector<std::string>& troubles) {
  if (kafka.group.members.empty()) {
    troubles.push_back("no consumer is in the group " + group + ": nobody handles callbacks");
    return;
  }
  if (kafka.group.state != "Stable") {
    troubles.push_back("the group " + group + " is not stable: " + kafka.group.state);
    return;
  }
  if (const auto unheld = UnheldOf(kafka); !unheld.empty()) {
    troubles.push_back("nobody reads partition " + RenderPartitions(unheld));
  }
}

void JudgeWaiting(const KafkaFacts& kafka, WallTime now, std::vector<std::string>& troubles) {
  const PartitionFacts* longest = nullptr;
  const std::int64_t lag = LagOf(kafka);
  for (const PartitionFacts& partition : kafka.partitions) {
    if (!partition.oldest) continue;
    if (longest == nullptr || *partition.oldest < *longest->oldest) longest = &partition;
  }
  if (longest == nullptr || now - *longest->oldest < kLongWait) return;
  troubles.push_back(Plural(lag, "callback") + (lag == 1 ? " waits" : " wait") +
                     ", the oldest for " + RenderAge(now - *longest->oldest) + " in partition " +
                     std::to_string(longest->partition));
}

void JudgeInstance(const InstanceFacts& instance, std::vector<std::string>& troubles) {
  const auto add = [&](const std::string& what) { troubles.push_back(instance.url + ": " + what); };
  if (!instance.error.empty()) return add("no answer: " + instance.error);
  if (!instance.is_ready) {
    add(instance.missing.empty() ? "is not ready" : "is not ready: " + Join(instance.missing));
  }
  if (instance.breaker_open.value_or(0) > 0) {
    add("its circuit breaker is open: the Assure API fails");
  }
  if (instance.kafka_up && *instance.kafka_up == 0) add("Kafka does not take its records");
  if (instance.spool_records.value_or(0) > 0) {
    const auto age = seconds(static_cast<std::int64_t>(instance.spool_oldest_seconds.value_or(0)));
    add(Plural(static_cast<std::int64_t>(*instance.spool_records), "callback") +
        " in its spool, the oldest for " + RenderAge(age));
  }
}

}  // namespace

std::int64_t DeadFacts::LastHour() const {
  return std::accumulate(last_hour.begin(), last_hour.end(), std::int64_t{0},
                         [](std::int64_t sum, const auto& reason) { return sum + reason.second; });
}

std::vector<std::int32_t> UnheldOf(const KafkaFacts& kafka) {
  std::set<std::int32_t> held;
  for (const GroupMember& member : kafka.group.members) {
    held.insert(member.partitions.begin(), member.partitions.end());
  }
  std::vector<std::int32_t> unheld;
  for (const PartitionFacts& partition : kafka.partitions) {
    if (!held.contains(partition.partition)) unheld.push_back(partition.partition);
  }
  return unheld;
}

Waiting WaitingIn(const KafkaFacts& kafka, const std::vector<std::int32_t>& partitions) {
  Waiting waiting;
  for (const PartitionFacts& partition : kafka.partitions) {
    if (std::find(partitions.begin(), partitions.end(), partition.partition) == partitions.end()) {
      continue;
    }
    waiting.lag += partition.lag;
    if (!partition.oldest) continue;
    waiting.oldest = std::min(waiting.oldest.value_or(*partition.oldest), *partition.oldest);
  }
  return waiting;
}

std::int64_t LagOf(const KafkaFacts& kafka) {
  std::int64_t lag = 0;
  for (const PartitionFacts& partition : kafka.partitions) lag += partition.lag;
  return lag;
}

std::vector<std::string> FindTroubles(const StatusFacts& facts) {
  std::vector<std::string> troubles;
  if (!facts.kafka) troubles.push_back("Kafka: " + facts.kafka_error);
  if (facts.kafka) {
    JudgeGroup(*facts.kafka, facts.group, troubles);
    JudgeWaiting(*facts.kafka, facts.now, troubles);
    if (const std::int64_t letters = facts.kafka->dead.LastHour(); letters > 0) {
      std::vector<std::string> reasons;
      for (const auto& [reason, count] : facts.kafka->dead.last_hour) {
        reasons.push_back(std::to_string(count) + " " + reason);
      }
      troubles.push_back(Plural(letters, "dead letter") + " in the last hour: " + Join(reasons));
    }
  }
  for (const InstanceFacts& instance : facts.instances) JudgeInstance(instance, troubles);
  return troubles;
}

}  // namespace ctl
