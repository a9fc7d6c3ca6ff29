#include "consumer/kafka/record_pieces.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <vector>

namespace consumer {
namespace {

using testing::ElementsAre;

constexpr std::size_t kInTime = 200;  ///< What the broker of these tests can answer in time.

RecordPieces::Offsets OffsetsOf(int partitions) {
  RecordPieces::Offsets offsets;
  for (int i = 0; i < partitions; ++i) offsets[Partition(i)] = Offset(7);
  return offsets;
}

/// Answers for the first ones of each look-up; each third partition has no record.
class SlowBroker {
 public:
  RecordPieces::Records Answer(const RecordPieces::Offsets& offsets, std::set<Partition>& without) {
    asked.push_back(offsets.size());
    RecordPieces::Records records;
    std::size_t answered = 0;
    for (const auto& [partition, offset] : offsets) {
      if (partition.number() < silent_from && ++answered <= kInTime) {
        if (partition.number() % 3 == 0) {
          without.insert(partition);
        } else {
          records[partition] = {offset, common::WallTime(std::chrono::milliseconds(1))};
        }
      }
    }
    return records;
  }

  int silent_from = 1'000'000;
  std::vector<std::size_t> asked;
};

std::size_t CountAnswered(SlowBroker& broker, int partitions) {
  std::set<Partition> without;
  const auto records =
      RecordPieces::Read(OffsetsOf(partitions), without,
                         [&](const auto& some, auto& none) { return broker.Answer(some, none); });
  return records.size() + without.size();
}

TEST(RecordPieces, ReachTheLastOfManyPartitions) {
  SlowBroker broker;
  EXPECT_EQ(CountAnswered(broker, 1'000), 1'000U);
  EXPECT_THAT(broker.asked, ElementsAre(200, 200, 200, 200, 200));
}

TEST(RecordPieces, AreOneLookUpForFewPartitions) {
  SlowBroker broker;
  EXPECT_EQ(CountAnswered(broker, 12), 12U);
  EXPECT_EQ(CountAnswered(broker, 0), 0U);
  EXPECT_THAT(broker.asked, ElementsAre(12));
}

TEST(RecordPieces, EndOnceNothingComes) {
  SlowBroker broker;
  broker.silent_from = 250;
  EXPECT_EQ(CountAnswered(broker, 1'000), 250U);
  EXPECT_THAT(broker.asked, ElementsAre(200, 200, 200)) << "each look-up waits for its deadline";
}

}  // namespace
}  // namespace consumer
