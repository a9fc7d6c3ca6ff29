#include "ingest/descriptors.h"

#include <gtest/gtest.h>

namespace ingest {
namespace {

TEST(ConnectionsWithin, ReturnsTheWantedNumberUnderAHighLimit) {
  EXPECT_EQ(ConnectionsWithin(20'000, 10'000, 64), 10'000U);
  EXPECT_EQ(ConnectionsWithin(10'192, 10'000, 64), 10'000U);
}

TEST(ConnectionsWithin, ReservesDescriptorsForOtherUses) {
  EXPECT_EQ(ConnectionsWithin(10'191, 10'000, 64), 9'999U);
  EXPECT_EQ(ConnectionsWithin(1'024, 10'000, 64), 832U);
  EXPECT_EQ(ConnectionsWithin(200, 10'000, 64), 50U);
  EXPECT_EQ(ConnectionsWithin(64, 10'000, 0), 16U);
  EXPECT_EQ(ConnectionsWithin(64, 10, 0), 10U);
}

}  // namespace
}  // namespace ingest
