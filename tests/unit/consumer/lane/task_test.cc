#include "consumer/lane/task.h"

#include <gtest/gtest.h>

#include "consumer/lane/outbox.h"

namespace consumer {
namespace {

using std::chrono::hours;

constexpr common::WallTime kTime{hours(480'000)};

common::Identity Id(std::uint8_t number) {
  common::Identity identity;
  identity.bytes[0] = number;
  identity.bytes[15] = number;
  return identity;
}

class TaskTest : public ::testing::Test {
 protected:
  void Restore(std::int64_t start, DedupTable table = {}) {
    RestoredPartition restored;
    restored.start = Offset(start);
    restored.committed = restored.start;
    restored.table = std::move(table);
    task.Restored(std::move(restored));
  }
  Task::DedupResult Admit(std::int64_t offset, std::uint8_t id, common::WallTime time = kTime) {
    return task.Admit({.offset = Offset(offset),
                       .identity = Id(id),
                       .record_time = time,
                       .judged_at = task.EffectiveTime(time),
                       .windows = {hours(12), hours(12)}},
                      now);
  }
  common::WallTime now = kTime + hours(10'000);
  Task task{hours(48)};
};

TEST_F(TaskTest, IgnoresRecordsUntilRestored) {
  EXPECT_EQ(Admit(0, 1), Task::DedupResult::kIgnored);
  EXPECT_FALSE(task.HasMoved());
  Restore(0);
  EXPECT_EQ(Admit(0, 1), Task::DedupResult::kFirst);
}

TEST_F(TaskTest, IgnoresRecordsReadBefore) {
  Restore(5);
  EXPECT_EQ(Admit(4, 1), Task::DedupResult::kIgnored) << "before the committed offset";
  EXPECT_EQ(Admit(7, 2), Task::DedupResult::kFirst) << "a gap is normal";
  EXPECT_EQ(Admit(7, 2), Task::DedupResult::kIgnored) << "read again after a resume";
  EXPECT_EQ(Admit(6, 3), Task::DedupResult::kIgnored);
}

TEST_F(TaskTest, MovesLowWaterMarkOnlyPastSettledRecords) {
  Restore(0);
  Admit(0, 1);
  Admit(1, 2);
  task.Settle(Offset(1));
  EXPECT_EQ(task.LowWaterMark(), Offset(0));
  EXPECT_FALSE(task.HasMoved());
  EXPECT_EQ(task.span(), 2);
  task.Settle(Offset(0));
  EXPECT_EQ(task.LowWaterMark(), Offset(2));
  EXPECT_TRUE(task.HasMoved());
  task.HandedOver();
  EXPECT_FALSE(task.HasMoved());
}

TEST_F(TaskTest, RecognisesIdentitiesCommittedAndInHand) {
  Restore(0);
  Admit(0, 1);
  EXPECT_EQ(Admit(1, 1), Task::DedupResult::kDuplicate) << "in hand";
  task.Settle(Offset(0));
  EXPECT_EQ(Admit(2, 1), Task::DedupResult::kDuplicate) << "in progress";
  task.Committed(Id(1), kTime);
  EXPECT_EQ(Admit(3, 1, kTime + hours(11)), Task::DedupResult::kDuplicate) << "committed";
  EXPECT_EQ(Admit(4, 1, kTime + hours(14)), Task::DedupResult::kFirst) << "after the window";
  EXPECT_EQ(task.LowWaterMark(), Offset(4));
}

TEST_F(TaskTest, RecognisesRestoredIdentities) {
  DedupTable table;
  table.Insert(Id(1), kTime);
  Restore(0, std::move(table));
  EXPECT_EQ(task.dedup_keys(), 1U);
  EXPECT_EQ(Admit(0, 1, kTime + hours(1)), Task::DedupResult::kDuplicate);
}

TEST_F(TaskTest, KeepsMarkersDespiteRecordFromFuture) {
  Restore(0);
  Admit(0, 1);
  task.Settle(Offset(0));
  task.Committed(Id(1), kTime);
  now = kTime + hours(1);
  EXPECT_EQ(Admit(1, 2, kTime + hours(100'000)), Task::DedupResult::kFirst);
  task.Settle(Offset(1));
  task.Committed(Id(2), kTime + hours(100'000));
  EXPECT_EQ(Admit(2, 1, kTime + hours(1)), Task::DedupResult::kDuplicate);
  EXPECT_EQ(Admit(3, 2, kTime + hours(2)), Task::DedupResult::kDuplicate);
  EXPECT_EQ(Admit(4, 3, kTime + hours(2)), Task::DedupResult::kFirst);
  task.Settle(Offset(4));
  task.Committed(Id(3), kTime + hours(2));
  EXPECT_EQ(Admit(5, 3, kTime + hours(3)), Task::DedupResult::kDuplicate);
}

TEST_F(TaskTest, RecognisesRedeliveryWithMuchTooEarlyTime) {
  Restore(0);
  Admit(0, 1);
  task.Settle(Offset(0));
  task.Committed(Id(1), kTime);
  const common::WallTime early = kTime - hours(1'000);
  EXPECT_EQ(task.EffectiveTime(early), kTime - hours(1));
  EXPECT_EQ(Admit(1, 2, early), Task::DedupResult::kFirst);
  task.Settle(Offset(1));
  task.Committed(Id(2), task.EffectiveTime(early));
  EXPECT_EQ(Admit(2, 2, early), Task::DedupResult::kDuplicate);
  EXPECT_EQ(Admit(3, 1, early), Task::DedupResult::kDuplicate);
}

}  // namespace
}  // namespace consumer
