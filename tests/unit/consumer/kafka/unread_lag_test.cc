// The lag of partitions that nobody reads.
#include <gtest/gtest.h>

#include <cstdint>
#include <map>

#include "consumer/kafka/topic_watch.h"

namespace consumer {
namespace {

struct Log {
  std::int64_t committed = 0;
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

class UnreadLag : public ::testing::Test {
 protected:
  void Add(std::int32_t number, const Log& log) {
    const Partition partition(number);
    partitions.push_back(partition);
    committed[partition] = {.offset = Offset(log.committed)};
    begins[partition] = Offset(log.begin);
    ends[partition] = Offset(log.end);
  }
  [[nodiscard]] std::optional<std::int64_t> Lag() const {
    return LagOf(partitions, committed, begins, ends);
  }

  std::vector<Partition> partitions;
  CommittedOffsets committed;
  Offsets begins;
  Offsets ends;
};

TEST_F(UnreadLag, IsZeroWithoutPartitions) { EXPECT_EQ(Lag(), 0); }

TEST_F(UnreadLag, SumsUnreadOffsets) {
  Add(0, {.committed = 4, .end = 10});
  Add(1, {.committed = 7, .end = 7});
  EXPECT_EQ(Lag(), 6);
}

TEST_F(UnreadLag, CountsWholeLogThatWentBackBelowCommittedOffset) {
  Add(0, {.committed = 100, .begin = 10, .end = 60});
  EXPECT_EQ(Lag(), 50);
}

TEST_F(UnreadLag, CountsFromBeginAboveCommittedOffset) {
  Add(0, {.committed = 4, .begin = 8, .end = 10});
  EXPECT_EQ(Lag(), 2);
}

TEST_F(UnreadLag, IsUnknownIfOnePartitionWasNotAnswered) {
  const Partition silent(1);
  Add(0, {.committed = 4, .end = 10});
  Add(1, {.committed = 7, .end = 9});
  ends.erase(silent);
  EXPECT_EQ(Lag(), std::nullopt);
  ends[silent] = Offset(9);
  begins.erase(silent);
  EXPECT_EQ(Lag(), std::nullopt);
  begins[silent] = Offset(0);
  committed.erase(silent);
  EXPECT_EQ(Lag(), std::nullopt);
}

}  // namespace
}  // namespace consumer
