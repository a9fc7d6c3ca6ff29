#include "consumer/kafka/open_partitions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace consumer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

using Offsets = common::kafka::PartitionOffsets;

TEST(OpenPartitions, HaveStableEndBelowEnd) {
  const Offsets ends{{Partition(0), Offset(5)}, {Partition(1), Offset(9)}};
  const Offsets stable{{Partition(0), Offset(5)}, {Partition(1), Offset(7)}};
  const OpenPartitions found = OpenPartitions::Compare(ends, stable);
  EXPECT_THAT(found.clean, ElementsAre(Partition(0)));
  EXPECT_THAT(found.open, ElementsAre(Pair(Partition(1), Offset(7))));
}

TEST(OpenPartitions, IgnoreRecordsThatCameBetweenTheLooks) {
  const OpenPartitions found =
      OpenPartitions::Compare({{Partition(0), Offset(5)}}, {{Partition(0), Offset(6)}});
  EXPECT_THAT(found.clean, ElementsAre(Partition(0)));
  EXPECT_THAT(found.open, IsEmpty());
}

TEST(OpenPartitions, OmitAPartitionThatDidNotAnswerOneOfTheLooks) {
  const OpenPartitions found =
      OpenPartitions::Compare({{Partition(0), Offset(5)}}, {{Partition(1), Offset(5)}});
  EXPECT_THAT(found.clean, IsEmpty());
  EXPECT_THAT(found.open, IsEmpty());
}

}  // namespace
}  // namespace consumer
