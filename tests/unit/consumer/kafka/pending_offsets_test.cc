#include "consumer/kafka/pending_offsets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace consumer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::vector<PartitionOffset> kOfTwo = {{1, 10}, {3, 30}};

TEST(PendingOffsets, MustBeTriedByEachNewProducer) {
  PendingOffsets offsets;
  EXPECT_TRUE(offsets.must_be_tried());
  offsets.Tried(kOfTwo);
  EXPECT_FALSE(offsets.must_be_tried());
  EXPECT_TRUE(offsets.is_trial());
  EXPECT_THAT(offsets.awaited(), ElementsAre(1, 3));
  offsets.SawStable(1);
  offsets.SawStable(3);
  EXPECT_THAT(offsets.awaited(), IsEmpty());
  EXPECT_FALSE(offsets.must_be_tried()) << "not before each batch";
  offsets.Initialised();
  EXPECT_TRUE(offsets.must_be_tried());
}

TEST(PendingOffsets, AwaitsEachPartitionOfAnAbortedBatch) {
  PendingOffsets offsets;
  offsets.Tried({{0, 1}});
  offsets.SawStable(0);
  offsets.Aborted(kOfTwo);
  EXPECT_FALSE(offsets.must_be_tried()) << "nothing else can be pending";
  EXPECT_FALSE(offsets.is_trial());
  offsets.SawStable(1);
  EXPECT_THAT(offsets.awaited(), ElementsAre(3));
}

TEST(PendingOffsets, StayUnknownWhateverWasAwaitedWhenAProducerWasReplaced) {
  PendingOffsets offsets;
  offsets.Tried(kOfTwo);
  offsets.Initialised();
  EXPECT_THAT(offsets.awaited(), IsEmpty()) << "another instance may own these by now";
  EXPECT_FALSE(offsets.is_trial());
  offsets.SawStable(1);
  offsets.SawStable(3);
  EXPECT_TRUE(offsets.must_be_tried()) << "an old one may be pending elsewhere";
}

}  // namespace
}  // namespace consumer
