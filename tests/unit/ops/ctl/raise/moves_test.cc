#include "ops/ctl/raise/moves.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "common/domain/key_partition.h"

namespace ctl {
namespace {

using common::Offset;
using common::Partition;
using common::WallTime;
using common::kafka::Extents;
using std::chrono::seconds;

std::uint32_t HashOf(int key) { return common::Murmur2("process-" + std::to_string(key)); }

/// A key that has these places with 2 and with 6 partitions.
std::uint32_t HashWith(int of_two, int of_six) {
  for (int key = 0;; ++key) {
    const std::uint32_t hash = HashOf(key);
    if (common::PartitionOfHash(hash, 2) == Partition(of_two) &&
        common::PartitionOfHash(hash, 6) == Partition(of_six)) {
      return hash;
    }
  }
}

const Extents kLogs = {{Partition(0), {.from = Offset(10), .to = Offset(20)}},
                       {Partition(1), {.from = Offset(0), .to = Offset(5)}}};

TEST(Moves, CopyARecordWhosePlaceIsAnotherOne) {
  Moves moves(2, 6, kLogs);
  moves.Note({.partition = Partition(1), .offset = Offset(3), .hash = HashWith(1, 5)});
  moves.Note({.partition = Partition(1), .offset = Offset(4), .hash = HashWith(1, 1)});
  EXPECT_EQ(moves.all(), 2);
  EXPECT_EQ(moves.to_copy(), 1);
  EXPECT_EQ(moves.TargetOf(Partition(1), Offset(3), HashWith(1, 5)), Partition(5));
  EXPECT_EQ(moves.TargetOf(Partition(1), Offset(4), HashWith(1, 1)), std::nullopt);
}

TEST(Moves, CopyNothingTwice) {
  Moves moves(2, 6, kLogs);
  moves.Note({.partition = Partition(4),
              .offset = Offset(0),
              .hash = HashWith(0, 4),
              .copy_of = common::CopyOrigin{
                  .partition = Partition(0), .offset = Offset(12), .partitions = 6}});
  for (const int offset : {12, 13}) {
    moves.Note({.partition = Partition(0), .offset = Offset(offset), .hash = HashWith(0, 4)});
  }
  EXPECT_EQ(moves.all(), 2);
  EXPECT_EQ(moves.to_copy(), 1);
  EXPECT_EQ(moves.TargetOf(Partition(0), Offset(12), HashWith(0, 4)), std::nullopt);
  EXPECT_EQ(moves.TargetOf(Partition(0), Offset(13), HashWith(0, 4)), Partition(4));
}

TEST(Moves, TakeACopyOfAnEarlierRaiseForARecordLikeOthers) {
  Moves moves(2, 6, kLogs);
  const common::CopyOrigin earlier{
      .partition = Partition(0), .offset = Offset(12), .partitions = 2};
  moves.Note(
      {.partition = Partition(1), .offset = Offset(2), .hash = HashWith(1, 3), .copy_of = earlier});
  moves.Note(
      {.partition = Partition(0), .offset = Offset(12), .hash = HashWith(1, 3)});  // Its original.
  EXPECT_EQ(moves.to_copy(), 1);
  EXPECT_EQ(moves.TargetOf(Partition(1), Offset(2), HashWith(1, 3)), Partition(3));
  EXPECT_EQ(moves.TargetOf(Partition(0), Offset(12), HashWith(1, 3)), std::nullopt);
}

TEST(Moves, CountRecordsThatDoNotSayWhereTheyBelong) {
  Moves moves(2, 6, kLogs);
  moves.Note({.partition = Partition(0), .offset = Offset(10), .time = WallTime(seconds(7))});
  moves.Note({.partition = Partition(0), .offset = Offset(11), .time = WallTime(seconds(9))});
  moves.Note({.partition = Partition(1), .offset = Offset(0), .time = WallTime(seconds(8))});
  moves.Note({.partition = Partition(0),
              .offset = Offset(12),
              .time = WallTime(seconds(20)),
              .hash = HashWith(0, 0)});
  EXPECT_EQ(moves.unknown(), 3);
  EXPECT_EQ(moves.newest_unknown(), WallTime(seconds(9)));
  EXPECT_EQ(moves.to_copy(), 0);
  EXPECT_EQ(moves.TargetOf(Partition(0), Offset(10), std::nullopt), std::nullopt);
}

TEST(Moves, IgnoreCopiesOfRecordsOutsideTheLogs) {
  Moves moves(2, 6, kLogs);
  for (const common::CopyOrigin& origin : {common::CopyOrigin{Partition(0), Offset(9), 6},
                                           common::CopyOrigin{Partition(0), Offset(20), 6},
                                           common::CopyOrigin{Partition(7), Offset(1), 6}}) {
    moves.Note({.partition = Partition(4),
                .offset = Offset(0),
                .hash = HashWith(0, 4),
                .copy_of = origin});
  }
  EXPECT_EQ(moves.to_copy(), 0);
  EXPECT_EQ(moves.all(), 0);
}

/// Whatever was copied before, in the end each record is in its place, once.
TEST(Moves, KeepPlacesDespiteEarlierCopies) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 200; ++round) {
    const int from = 1 + static_cast<int>(random() % 8);
    const int to = from + 1 + static_cast<int>(random() % 24);
    Extents logs;
    std::map<Partition, std::vector<int>> keys;  // By partition; the offset is the index.
    for (int key = 0; key < 60; ++key) {
      keys[common::PartitionOfHash(HashOf(key), from)].push_back(key);
    }
    for (const auto& [partition, all] : keys) {
      logs[partition] = {.from = Offset(0), .to = Offset(std::ssize(all))};
    }
    std::map<Partition, std::map<int, int>> copies;  // By place and key, how often.
    Moves moves(from, to, logs);
    for (const auto& [partition, all] : keys) {
      for (std::size_t i = 0; i < all.size(); ++i) {
        const Offset offset(static_cast<std::int64_t>(i));
        const std::uint32_t hash = HashOf(all[i]);
        const Partition place = common::PartitionOfHash(hash, to);
        moves.Note({.partition = partition, .offset = offset, .hash = hash});
        if (place == partition || random() % 3 != 0) continue;
        ++copies[place][all[i]];
        moves.Note({.partition = place,
                    .offset = Offset(1'000),
                    .hash = hash,
                    .copy_of = common::CopyOrigin{partition, offset, to}});
      }
    }
    std::int64_t copied = 0;
    for (const auto& [partition, all] : keys) {
      for (std::size_t i = 0; i < all.size(); ++i) {
        const Offset offset(static_cast<std::int64_t>(i));
        const auto target = moves.TargetOf(partition, offset, HashOf(all[i]));
        if (!target) continue;
        ++copied;
        ++copies[*target][all[i]];
      }
    }
    EXPECT_EQ(copied, moves.to_copy());
    for (int key = 0; key < 60; ++key) {
      const Partition before = common::PartitionOfHash(HashOf(key), from);
      const Partition place = common::PartitionOfHash(HashOf(key), to);
      ASSERT_EQ(copies[place][key], place == before ? 0 : 1) << from << " to " << to;
    }
  }
}

}  // namespace
}  // namespace ctl
