#include "ops/ctl/raise/moves.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "common/domain/key_partition.h"

namespace ctl {
namespace {

using common::WallTime;
using common::kafka::Extents;
using std::chrono::seconds;

std::uint32_t HashOf(int key) { return common::Murmur2("process-" + std::to_string(key)); }

/// A key that has these places with 2 and with 6 partitions.
std::uint32_t HashWith(int of_two, int of_six) {
  for (int key = 0;; ++key) {
    const std::uint32_t hash = HashOf(key);
    if (common::PartitionOfHash(hash, 2) == of_two && common::PartitionOfHash(hash, 6) == of_six) {
      return hash;
    }
  }
}

const Extents kLogs = {{0, {.from = 10, .to = 20}}, {1, {.from = 0, .to = 5}}};

TEST(Moves, CopyARecordWhosePlaceIsAnotherOne) {
  Moves moves(2, 6, kLogs);
  moves.Note({.partition = 1, .offset = 3, .hash = HashWith(1, 5)});
  moves.Note({.partition = 1, .offset = 4, .hash = HashWith(1, 1)});
  EXPECT_EQ(moves.all(), 2);
  EXPECT_EQ(moves.to_copy(), 1);
  EXPECT_EQ(moves.TargetOf(1, 3, HashWith(1, 5)), 5);
  EXPECT_EQ(moves.TargetOf(1, 4, HashWith(1, 1)), std::nullopt);
}

TEST(Moves, CopyNothingTwice) {
  Moves moves(2, 6, kLogs);
  moves.Note({.partition = 4,
              .offset = 0,
              .hash = HashWith(0, 4),
              .copy_of = common::CopyOrigin{.partition = 0, .offset = 12, .partitions = 6}});
  for (const int offset : {12, 13}) {
    moves.Note({.partition = 0, .offset = offset, .hash = HashWith(0, 4)});
  }
  EXPECT_EQ(moves.all(), 2);
  EXPECT_EQ(moves.to_copy(), 1);
  EXPECT_EQ(moves.TargetOf(0, 12, HashWith(0, 4)), std::nullopt);
  EXPECT_EQ(moves.TargetOf(0, 13, HashWith(0, 4)), 4);
}

TEST(Moves, TakeACopyOfAnEarlierRaiseForARecordLikeOthers) {
  Moves moves(2, 6, kLogs);
  const common::CopyOrigin earlier{.partition = 0, .offset = 12, .partitions = 2};
  moves.Note({.partition = 1, .offset = 2, .hash = HashWith(1, 3), .copy_of = earlier});
  moves.Note({.partition = 0, .offset = 12, .hash = HashWith(1, 3)});  // Its original.
  EXPECT_EQ(moves.to_copy(), 1);
  EXPECT_EQ(moves.TargetOf(1, 2, HashWith(1, 3)), 3);
  EXPECT_EQ(moves.TargetOf(0, 12, HashWith(1, 3)), std::nullopt);
}

TEST(Moves, CountRecordsThatDoNotSayWhereTheyBelong) {
  Moves moves(2, 6, kLogs);
  moves.Note({.partition = 0, .offset = 10, .time = WallTime(seconds(7))});
  moves.Note({.partition = 0, .offset = 11, .time = WallTime(seconds(9))});
  moves.Note({.partition = 1, .offset = 0, .time = WallTime(seconds(8))});
  moves.Note({.partition = 0, .offset = 12, .time = WallTime(seconds(20)), .hash = HashWith(0, 0)});
  EXPECT_EQ(moves.unknown(), 3);
  EXPECT_EQ(moves.newest_unknown(), WallTime(seconds(9)));
  EXPECT_EQ(moves.to_copy(), 0);
  EXPECT_EQ(moves.TargetOf(0, 10, std::nullopt), std::nullopt);
}

TEST(Moves, IgnoreCopiesOfRecordsOutsideTheLogs) {
  Moves moves(2, 6, kLogs);
  for (const common::CopyOrigin& origin :
       {common::CopyOrigin{0, 9, 6}, common::CopyOrigin{0, 20, 6}, common::CopyOrigin{7, 1, 6}}) {
    moves.Note({.partition = 4, .offset = 0, .hash = HashWith(0, 4), .copy_of = origin});
  }
  EXPECT_EQ(moves.to_copy(), 0);
  EXPECT_EQ(moves.all(), 0);
}

/// Whatever was copied before, in the end each record is in its place, once.
TEST(Moves, LeaveEachRecordInItsPlaceWhateverWasCopiedBefore) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 200; ++round) {
    const int from = 1 + static_cast<int>(random() % 8);
    const int to = from + 1 + static_cast<int>(random() % 24);
    Extents logs;
    std::map<int, std::vector<int>> keys;  // By partition; the offset is the index.
    for (int key = 0; key < 60; ++key) {
      keys[common::PartitionOfHash(HashOf(key), from)].push_back(key);
    }
    for (const auto& [partition, all] : keys) {
      logs[partition] = {.from = 0, .to = static_cast<std::int64_t>(all.size())};
    }
    std::map<int, std::map<int, int>> copies;  // By place and key, how often.
    Moves moves(from, to, logs);
    for (const auto& [partition, all] : keys) {
      for (std::size_t offset = 0; offset < all.size(); ++offset) {
        const std::uint32_t hash = HashOf(all[offset]);
        const int place = common::PartitionOfHash(hash, to);
        moves.Note(
            {.partition = partition, .offset = static_cast<std::int64_t>(offset), .hash = hash});
        if (place == partition || random() % 3 != 0) continue;
        ++copies[place][all[offset]];
        moves.Note(
            {.partition = place,
             .offset = 1'000,
             .hash = hash,
             .copy_of = common::CopyOrigin{partition, static_cast<std::int64_t>(offset), to}});
      }
    }
    std::int64_t copied = 0;
    for (const auto& [partition, all] : keys) {
      for (std::size_t offset = 0; offset < all.size(); ++offset) {
        const auto target =
            moves.TargetOf(partition, static_cast<std::int64_t>(offset), HashOf(all[offset]));
        if (!target) continue;
        ++copied;
        ++copies[*target][all[offset]];
      }
    }
    EXPECT_EQ(copied, moves.to_copy());
    for (int key = 0; key < 60; ++key) {
      const int before = common::PartitionOfHash(HashOf(key), from);
      const int place = common::PartitionOfHash(HashOf(key), to);
      ASSERT_EQ(copies[place][key], place == before ? 0 : 1) << from << " to " << to;
    }
  }
}

}  // namespace
}  // namespace ctl
