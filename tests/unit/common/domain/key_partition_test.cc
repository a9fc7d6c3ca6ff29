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
  EXPECT_EQ(PartitionOf("foobar", 1'000'000'000), Partition(1357151166 - 1'000'000'000));
  EXPECT_EQ(PartitionOf("foobar", 1), Partition(0));
}

TEST(KeyPartition, FollowsHashOfKey) {
  for (const char* const key : {"21", "foobar", "a-little-bit-longer-string"}) {
    EXPECT_EQ(PartitionOfHash(Murmur2(key), 12), PartitionOf(key, 12)) << key;
  }
}

TEST(KeyPartition, ReadsAHashAsItWasWritten) {
  EXPECT_EQ(ToHashText(0), "00000000");
  EXPECT_EQ(ToHashText(0xfedcba09U), "fedcba09");
  for (const std::uint32_t hash : {0U, 7U, 0x80000000U, 0xffffffffU}) {
    EXPECT_EQ(ReadHashText(ToHashText(hash)), hash);
  }
  for (const char* const text : {"", "7", "0000000g", "000000000", "-0000001", "+0000001"}) {
    EXPECT_EQ(ReadHashText(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace common
