#include "common/base/number.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace common {
namespace {

TEST(ParseNumber, RequiresTheWholeTextToBeANumber) {
  EXPECT_EQ(ParseNumber<int>("17"), 17);
  EXPECT_EQ(ParseNumber<int>("-17"), -17);
  EXPECT_EQ(ParseNumber<std::int64_t>("9007199254740993"), 9'007'199'254'740'993);
  EXPECT_EQ(ParseNumber<double>("0.5"), 0.5);
  for (const char* text : {"", " 17", "17 ", "+17", "0x11", "17a", "1.5", "-"}) {
    EXPECT_EQ(ParseNumber<int>(text), std::nullopt) << text;
  }
}

TEST(ParseNumber, RefusesNumbersOutOfRange) {
  EXPECT_EQ(ParseNumber<std::uint16_t>("65535"), 65'535);
  EXPECT_EQ(ParseNumber<std::uint16_t>("65536"), std::nullopt);
  EXPECT_EQ(ParseNumber<std::uint16_t>("-1"), std::nullopt);
}

}  // namespace
}  // namespace common
