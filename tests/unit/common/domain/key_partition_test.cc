#include "common/domain/key_partition.h"

#include <gtest/gtest.h>

namespace common {
namespace {

// The values of Kafka's own tests (UtilsTest.testMurmur2), as unsigned numbers.
TEST(KeyPartition, HashesLikeJavaClients) {
  EXPECT_EQ(Murmur2("21"), static_cast<std::uint32_t>(-973932308));
  EXPECT_EQ(Murmur2("foobar"), static_cast<std::uint32_t>(-790332482));
  EXPECT_EQ(Murmur2("a-little-bit-long-string"), static_cast<std::uint32_t>(-985981536));
  EXPECT_EQ(Murmur2("a-little-bit-longer-string"), static_cast<std::uint32_t>(-1486304829));
  EXPECT_EQ(Murmur2("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8"),
            static_cast<std::uint32_t>(-58897971));
}

TEST(KeyPartition, IgnoresTheSignOfTheHash) {
  EXPECT_EQ(PartitionOf("foobar", 1'000'000'000), 1357151166 - 1'000'000'000);
  EXPECT_EQ(PartitionOf("foobar", 1), 0);
}

}  // namespace
}  // namespace common
