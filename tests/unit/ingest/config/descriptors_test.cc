#include "ingest/descriptors.h"

#include <gtest/gtest.h>

namespace ingest {
namespace {

TEST(ConnectionsWithin, AreAsManyAsWantedWhereTheLimitIsAmple) {
  EXPECT_EQ(ConnectionsWithin(20'000, 10'000), 10'000U);
  EXPECT_EQ(ConnectionsWithin(10'128, 10'000), 10'000U);
}

TEST(ConnectionsWithin, LeaveDescriptorsForEverythingElse) {
  EXPECT_EQ(ConnectionsWithin(10'127, 10'000), 9'999U);
  EXPECT_EQ(ConnectionsWithin(1'024, 10'000), 896U);
  EXPECT_EQ(ConnectionsWithin(64, 10'000), 32U);
  EXPECT_EQ(ConnectionsWithin(64, 10), 10U);
}

}  // namespace
}  // namespace ingest
