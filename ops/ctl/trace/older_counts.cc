#include "ops/ctl/trace/older_counts.h"

#include <algorithm>
#include <map>

#include "common/domain/key_partition.h"

namespace ctl {
namespace {

using Keys = std::vector<std::string>;

/// By partition: the keys of records that `count` puts elsewhere.
std::map<common::Partition, Keys> FindMisplaced(const std::vector<PlacedKey>& oldest, int count) {
  std::map<common::Partition, Keys> misplaced;
  for (const PlacedKey& one : oldest) {
    if (common::PartitionOf(one.key, count) != one.partition) {
      misplaced[one.partition].push_back(one.key);
    }
  }
  return misplaced;
}

bool Explains(int count, common::Partition partition, const Keys& keys) {
  return std::ranges::all_of(
      keys, [&](const std::string& key) { return common::PartitionOf(key, count) == partition; });
}

}  // namespace

OlderCounts FindOlderCounts(const std::vector<PlacedKey>& oldest, int count,
                            const std::set<int>& known) {
  OlderCounts older;
  for (const auto& [partition, keys] : FindMisplaced(oldest, count)) {
    const auto explains = [&, partition = partition, &keys = keys](int other) {
      return Explains(other, partition, keys);
    };
    if (std::ranges::any_of(known, explains)) continue;
    bool is_explained = false;
    for (int other = partition.number() + 1; other < count; ++other) {
      if (!explains(other)) continue;
      older.counts.insert(other);
      is_explained = true;
    }
    older.is_complete = older.is_complete && is_explained;
  }
  return older;
}

}  // namespace ctl
