#include "consumer/kafka/pending_offsets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace consumer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::vector<PartitionOffset> kOfTwo = {{Partition(1), Offset(10)},
                                             {Partition(3), Offset(30)}};

TEST(PendingOffsets, MustBeTriedByEachNewProducer) {
  PendingOffsets offsets;
  EXPECT_TRUE(offsets.must_be_tried());
  offsets.Tried(kOfTwo);
  EXPECT_FALSE(offsets.must_be_tried());
  EXPECT_TRUE(offsets.is_trial());
  EXPECT_THAT(offsets.awaited(), ElementsAre(Partition(1), Partition(3)));
  offsets.SawStable(Partition(1));
  offsets.SawStable(Partition(3));
  EXPECT_THAT(offsets.awaited(), IsEmpty());
  EXPECT_FALSE(offsets.must_be_tried()) << "not before each batch";
  offsets.Initialised();
  EXPECT_TRUE(offsets.must_be_tried());
}

TEST(PendingOffsets, AwaitsEachPartitionOfAnAbortedBatch) {
  PendingOffsets offsets;
  offsets.Tried({{Partition(0), Offset(1)}});
  offsets.SawStable(Partition(0));
  offsets.Aborted(kOfTwo);
  EXPECT_FALSE(offsets.must_be_tried()) << "nothing else can be pending";
  EXPECT_FALSE(offsets.is_trial());
  offsets.SawStable(Partition(1));
  EXPECT_THAT(offsets.awaited(), ElementsAre(Partition(3)));
}

TEST(PendingOffsets, StayUnknownAfterReplacementOfProducer) {
  PendingOffsets offsets;
  offsets.Tried(kOfTwo);
  offsets.Initialised();
  EXPECT_THAT(offsets.awaited(), IsEmpty()) << "another instance may own these by now";
  EXPECT_FALSE(offsets.is_trial());
  offsets.SawStable(Partition(1));
  offsets.SawStable(Partition(3));
  EXPECT_TRUE(offsets.must_be_tried()) << "an old one may be pending elsewhere";
}

}  // namespace
}  // namespace consumer
