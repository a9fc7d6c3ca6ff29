#include "tests/soak/standstill.h"

#include <gtest/gtest.h>

namespace soak {
namespace {

using std::chrono::milliseconds;
using Kind = HistoryEvent::Kind;

HistoryEvent At(int ms, Kind kind, const std::string& name, int partition = -1) {
  return {
      .at = common::WallTime(milliseconds(ms)), .kind = kind, .name = name, .partition = partition};
}

TEST(Standstills, AreTheLongestAfterEachAction) {
  const auto found = FindStandstills({
      At(0, Kind::kRestored, "1", 0),
      At(0, Kind::kRestored, "1", 1),
      At(1000, Kind::kMoment, "joins"),
      At(1100, Kind::kStopped, "1"),
      At(1400, Kind::kRestored, "1", 0),
      At(1900, Kind::kRestored, "3", 1),
      At(5000, Kind::kMoment, "leaves"),
      At(5000, Kind::kStopped, "3"),
      At(5200, Kind::kRestored, "1", 1),
      At(9000, Kind::kMoment, "joins"),
      At(9100, Kind::kStopped, "1"),
      At(9200, Kind::kRestored, "1", 0),
      At(9250, Kind::kRestored, "3", 1),
  });
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found.at("joins"), (std::vector{milliseconds(150), milliseconds(800)}));
  EXPECT_EQ(found.at("leaves"), (std::vector{milliseconds(200)}));
}

TEST(Standstills, OmitAnActionThatStoppedNothing) {
  EXPECT_TRUE(
      FindStandstills({At(0, Kind::kMoment, "joins"), At(5, Kind::kRestored, "1", 0)}).empty());
}

TEST(Standstills, AreFoundInTheOrderOfTime) {
  const auto found =
      FindStandstills({At(30, Kind::kRestored, "3", 0), At(10, Kind::kMoment, "is-killed"),
                       At(10, Kind::kStopped, "1"), At(0, Kind::kRestored, "1", 0)});
  EXPECT_EQ(found.at("is-killed"), (std::vector{milliseconds(20)}));
}

TEST(Standstills, AreDescribedByMedianAndMaximum) {
  EXPECT_EQ(DescribeStandstills("joins", {milliseconds(5), milliseconds(1003), milliseconds(2100)}),
            "joins                    3 times: p50  1003 ms, max  2100 ms");
}

}  // namespace
}  // namespace soak
