#include "ops/ctl/trace/older_counts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/domain/key_partition.h"

namespace ctl {
namespace {

using testing::Contains;
using testing::IsEmpty;

/// Records of as many keys, as they lie on a topic that had each of these numbers of partitions in
/// turn, at most `most` of the oldest ones of each partition.
std::vector<PlacedKey> Oldest(const std::vector<int>& counts, int keys, std::size_t most = 16) {
  std::map<common::Partition, std::size_t> taken;
  std::vector<PlacedKey> oldest;
  for (const int count : counts) {
    for (int i = 0; i < keys; ++i) {
      const std::string key = std::to_string(count) + "-" + std::to_string(i);
      const common::Partition partition = common::PartitionOf(key, count);
      if (taken[partition]++ < most) oldest.push_back({partition, key});
    }
  }
  return oldest;
}

TEST(OlderCounts, AreNoneIfEveryRecordIsWhereItsKeyBelongs) {
  const OlderCounts older = FindOlderCounts(Oldest({12}, 500), 12, {12});
  EXPECT_THAT(older.counts, IsEmpty());
  EXPECT_TRUE(older.is_complete);
}

TEST(OlderCounts, AreInferredFromTheOldestRecords) {
  for (const auto& [before, now] : {std::pair{6, 12}, {12, 24}, {5, 7}, {1, 2}}) {
    const OlderCounts older = FindOlderCounts(Oldest({before, now}, 500), now, {now});
    EXPECT_THAT(older.counts, Contains(before)) << before << " to " << now;
    EXPECT_TRUE(older.is_complete);
  }
}

TEST(OlderCounts, AreAllInferredIfPartitionsWereAddedTwice) {
  const OlderCounts older = FindOlderCounts(Oldest({6, 12, 24}, 500), 24, {24});
  EXPECT_THAT(older.counts, Contains(6));
  EXPECT_THAT(older.counts, Contains(12));
  EXPECT_TRUE(older.is_complete);
}

TEST(OlderCounts, AreNotGuessedWhereAKnownOneExplainsTheRecords) {
  const OlderCounts older = FindOlderCounts(Oldest({6, 12}, 20, 1), 12, {6, 12});
  EXPECT_THAT(older.counts, IsEmpty());
}

TEST(OlderCounts, AreIncompleteIfNoSmallerNumberExplainsARecord) {
  std::string key = "k";
  while (common::PartitionOf(key, 2) != common::Partition(0)) key += "k";
  const OlderCounts older = FindOlderCounts({{common::Partition(1), key}}, 2, {2});
  EXPECT_THAT(older.counts, IsEmpty());
  EXPECT_FALSE(older.is_complete) << "partition 1 of 1 does not exist";
}

}  // namespace
}  // namespace ctl
