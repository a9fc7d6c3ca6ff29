#include "ingest/spool/spool_bounds.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ingest {
namespace {

constexpr SpoolBounds kBounds{.max_bytes = 1000, .min_free_disk = 500, .max_body = 100};

struct Case {
  std::string name;
  SpoolFill fill;
  bool has_room;
};
void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }

class RoomTest : public ::testing::TestWithParam<Case> {};

TEST_P(RoomTest, FollowsTheDocumentedBounds) {
  EXPECT_EQ(HasRoom(GetParam().fill, kBounds), GetParam().has_room);
}

INSTANTIATE_TEST_SUITE_P(
    OfASpool, RoomTest,
    ::testing::Values(Case{"Empty", {.bytes = 0, .free_disk = 10'000}, true},
                      Case{"OneMoreBodyFitsExactly", {.bytes = 900, .free_disk = 10'000}, true},
                      Case{"OneMoreBodyDoesNotFit", {.bytes = 901, .free_disk = 10'000}, false},
                      Case{"Overfull", {.bytes = 5000, .free_disk = 10'000}, false},
                      Case{"DiskAtItsFloor", {.bytes = 0, .free_disk = 500}, false},
                      Case{"DiskBelowItsFloor", {.bytes = 0, .free_disk = 0}, false},
                      Case{"DiskWithBothWritesToSpare", {.bytes = 0, .free_disk = 700}, true},
                      Case{"DiskWithOneWriteToSpare", {.bytes = 0, .free_disk = 699}, false},
                      Case{"DiskThatDoesNotSay", {.bytes = 0, .free_disk = std::nullopt}, false}),
    [](const auto& room) { return room.param.name; });

TEST(NeededDisk, IsFloorPlusPossibleGrowthOfFiles) {
  EXPECT_EQ(NeededDisk(0, kBounds), 1500U);
  EXPECT_EQ(NeededDisk(400, kBounds), 1100U);
  EXPECT_EQ(NeededDisk(1000, kBounds), 500U);
  EXPECT_EQ(NeededDisk(1300, kBounds), 500U) << "beside its callbacks, a file has other bytes";
}

TEST(SpoolBounds, IncludeKeyAndHeaders) {
  const SpoolFill fill{.bytes = 900, .free_disk = 10'000};
  EXPECT_TRUE(Fits(100, fill, kBounds));
  EXPECT_FALSE(Fits(101, fill, kBounds));
}

TEST(SpoolBounds, LeaveNoRoomBelowOneBody) {
  EXPECT_FALSE(HasRoom({.free_disk = 10'000}, {.max_bytes = 99, .max_body = 100}));
}

}  // namespace
}  // namespace ingest
