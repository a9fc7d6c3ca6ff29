#include "ops/ctl/history/key_placement.h"

#include "common/domain/key_partition.h"

namespace ctl {
namespace {

constexpr std::int64_t kOneIn = 12;

}  // namespace

bool KeyPlacement::IsMisplaced(common::Partition partition, std::uint32_t hash) {
  Log& log = logs_.try_emplace(partition, Log{.least = partition.number() + 1}).first->second;
  ++log.records;
  const bool is_of_today = common::PartitionOfHash(hash, partitions_) == partition;
  const bool may_be_older = (log.older + 1) * kOneIn >= log.records;
  if (!is_of_today && !may_be_older) return true;
  for (int count = log.least; count <= partitions_; ++count) {
    if (common::PartitionOfHash(hash, count) != partition) continue;
    log.least = count;
    log.older += is_of_today ? 0 : 1;
    return false;
  }
  return true;
}

std::string RightPlace(std::uint32_t hash, int partitions) {
  return "its key belongs to partition " + ToText(common::PartitionOfHash(hash, partitions)) +
         " of " + std::to_string(partitions);
}

}  // namespace ctl
