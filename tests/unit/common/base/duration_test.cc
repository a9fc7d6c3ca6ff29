#include "common/base/duration.h"

#include <gtest/gtest.h>

namespace common {
namespace {

using std::chrono::milliseconds;

TEST(Duration, IsReadAsANumberAndAUnit) {
  const struct {
    std::string_view text;
    std::optional<milliseconds> expected;
  } kCases[] = {
      {"500ms", milliseconds(500)},
      {"4s", milliseconds(4'000)},
      {"10m", std::chrono::minutes(10)},
      {"12h", std::chrono::hours(12)},
      {"7d", std::chrono::hours(7 * 24)},
      {"0", milliseconds(0)},
      {"00", milliseconds(0)},
      {"0s", milliseconds(0)},
      {"007s", milliseconds(7'000)},
      {"106751991167d", milliseconds(106'751'991'167LL * 86'400'000LL)},
      {"106751991168d", std::nullopt},
      {"99999999999999999999s", std::nullopt},
      {"5", std::nullopt},
      {"", std::nullopt},
      {"s", std::nullopt},
      {"-1s", std::nullopt},
      {"+1s", std::nullopt},
      {"1.5s", std::nullopt},
      {"1 s", std::nullopt},
      {" 1s", std::nullopt},
      {"1s ", std::nullopt},
      {"1S", std::nullopt},
      {"1h30m", std::nullopt},
      {"1us", std::nullopt},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(ParseDuration(c.text), c.expected);
  }
}

TEST(Duration, IsWrittenWithTheLargestDividingUnit) {
  EXPECT_EQ(FormatDuration(milliseconds(0)), "0s");
  EXPECT_EQ(FormatDuration(milliseconds(1'500)), "1500ms");
  EXPECT_EQ(FormatDuration(milliseconds(4'000)), "4s");
  EXPECT_EQ(FormatDuration(std::chrono::minutes(90)), "90m");
  EXPECT_EQ(FormatDuration(std::chrono::hours(48)), "48h");
  EXPECT_EQ(FormatDuration(milliseconds(-4'000)), "-4s");
}

}  // namespace
}  // namespace common
