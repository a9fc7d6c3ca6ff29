#include "ingest/kafka/batch_limit.h"

#include <gtest/gtest.h>

namespace ingest {
namespace {

TEST(BatchLimit, NeverExceedsTheTopicsLimit) {
  BatchLimit limit(1'000'000);
  limit.SetTopicLimit(20'000);
  EXPECT_EQ(limit.bytes(), 20'000U);
  limit.SetTopicLimit(5'000'000);
  EXPECT_EQ(limit.bytes(), 1'000'000U) << "not above the wanted size either";
  limit.SetTopicLimit(std::nullopt);
  EXPECT_EQ(limit.bytes(), 1'000'000U);
}

TEST(BatchLimit, RefusesARecordOfTheLimitsSizeImmediately) {
  BatchLimit limit(1'000'000);
  limit.SetTopicLimit(20'000);
  EXPECT_TRUE(limit.Refused(20'000, 20'000)) << "it was alone in its batch";
  EXPECT_EQ(limit.bytes(), 20'000U);
}

TEST(BatchLimit, HalvesUntilARefusedRecordMustHaveBeenAlone) {
  BatchLimit limit(1'000'000);
  int halvings = 0;
  while (!limit.Refused(30'000, limit.bytes())) ++halvings;
  EXPECT_EQ(halvings, 6);
  EXPECT_EQ(limit.bytes(), 15'625U);
}

TEST(BatchLimit, HalvesOnceForAllRecordsOfABatch) {
  BatchLimit limit(1'000'000);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(limit.Refused(100, 1'000'000));
  EXPECT_EQ(limit.bytes(), 500'000U);
}

TEST(BatchLimit, StaysHalvedUntilTheTopicChanges) {
  BatchLimit limit(1'000'000);
  limit.SetTopicLimit(20'000);
  EXPECT_FALSE(limit.Refused(100, 20'000));
  limit.SetTopicLimit(20'000);
  EXPECT_EQ(limit.bytes(), 10'000U);
  limit.SetTopicLimit(40'000);
  EXPECT_EQ(limit.bytes(), 40'000U);
}

TEST(BatchLimit, StopsAtTheSmallestBatch) {
  BatchLimit limit(1'000'000);
  while (!limit.Refused(10, limit.bytes())) {
  }
  EXPECT_EQ(limit.bytes(), BatchLimit::kSmallest);
}

}  // namespace
}  // namespace ingest
