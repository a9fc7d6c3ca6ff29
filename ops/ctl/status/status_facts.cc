#include "ops/ctl/status/status_facts.h"

#include <algorithm>
#include <numeric>
#include <set>

namespace ctl {

using common::WallTime;
using std::chrono::milliseconds;

milliseconds OpenTransaction::AgeAt(WallTime now) const {
  return std::max(seen_for, since ? now - *since : milliseconds(0));
}

std::int64_t DeadFacts::LastHour() const {
  return std::accumulate(last_hour.begin(), last_hour.end(), std::int64_t{0},
                         [](std::int64_t sum, const auto& reason) { return sum + reason.second; });
}

std::optional<WallTime> KafkaFacts::LastResult() const {
  std::optional<WallTime> last;
  for (const PartitionFacts& partition : partitions) last = std::max(last, partition.last_result);
  return last;
}

std::vector<common::Partition> UnassignedPartitions(const KafkaFacts& kafka) {
  if (!kafka.group) return {};
  std::set<common::Partition> held;
  for (const GroupMember& member : kafka.group->members) {
    held.insert(member.partitions.begin(), member.partitions.end());
  }
  std::vector<common::Partition> unheld;
  for (const PartitionFacts& partition : kafka.partitions) {
    if (!held.contains(partition.partition)) unheld.push_back(partition.partition);
  }
  return unheld;
}

Waiting WaitingIn(const KafkaFacts& kafka, const std::vector<common::Partition>& partitions) {
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

std::optional<Rates> RatesBetween(const KafkaFacts& before, const KafkaFacts& after,
                                  milliseconds elapsed) {
  if (elapsed.count() <= 0 || before.partitions.size() != after.partitions.size()) {
    return std::nullopt;
  }
  std::int64_t in = 0;
  std::int64_t handled = 0;
  for (std::size_t i = 0; i < after.partitions.size(); ++i) {
    const PartitionFacts& earlier = before.partitions[i];
    const PartitionFacts& later = after.partitions[i];
    const common::Offset from = earlier.committed.value_or(earlier.begin);
    const common::Offset to = later.committed.value_or(earlier.begin);
    if (earlier.partition != later.partition || later.end < earlier.end || to < from) {
      return std::nullopt;
    }
    in += later.end - earlier.end;
    handled += to - from;
  }
  const double seconds = std::chrono::duration<double>(elapsed).count();
  return Rates{static_cast<double>(in) / seconds, static_cast<double>(handled) / seconds};
}

WallTime StatusFacts::Now() const {
  if (!kafka) return now;
  WallTime latest = std::max(now, kafka->LastResult().value_or(now));
  for (const PartitionFacts& partition : kafka->partitions) {
    latest = std::max(latest, partition.oldest.value_or(now));
  }
  if (kafka->transactions) {
    for (const auto& open : *kafka->transactions)
      latest = std::max(latest, open.since.value_or(now));
  }
  return latest;
}

}  // namespace ctl
