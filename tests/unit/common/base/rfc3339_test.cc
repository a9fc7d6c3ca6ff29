#include "common/base/rfc3339.h"

#include <gtest/gtest.h>

#include <optional>

namespace common {
namespace {

WallTime At(long long milliseconds_since_epoch) {
  return WallTime(std::chrono::milliseconds(milliseconds_since_epoch));
}

std::optional<long long> Parsed(std::string_view text) {
  const std::optional<WallTime> time = ParseRfc3339(text);
  if (!time) return std::nullopt;
  return time->time_since_epoch().count();
}

// The numbers come from `date -u -d TEXT +%s%3N`.
TEST(Rfc3339, WritesUtcWithMilliseconds) {
  EXPECT_EQ(FormatRfc3339(At(0)), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(FormatRfc3339(At(1'795'419'852'345)), "2026-11-23T07:44:12.345Z");
  EXPECT_EQ(FormatRfc3339(At(1'709'251'199'999)), "2024-02-29T23:59:59.999Z");
  EXPECT_EQ(FormatRfc3339(At(-1)), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(FormatRfc3339(WallTime::min()), "0000-01-01T00:00:00.000Z");
  EXPECT_EQ(FormatRfc3339(WallTime::max()), "9999-12-31T23:59:59.999Z");
}

TEST(Rfc3339, ParsesEveryFormOfADateTime) {
  const struct {
    std::string_view text;
    long long expected;
  } kCases[] = {
      {"2026-11-23T07:44:12.345Z", 1'795'419'852'345},
      {"2026-11-23t07:44:12.345z", 1'795'419'852'345},
      {"2026-11-23 07:44:12.345Z", 1'795'419'852'345},
      {"2026-11-23T07:44:12Z", 1'795'419'852'000},
      {"2026-11-23T07:44:12.3Z", 1'795'419'852'300},
      {"2026-11-23T07:44:12.345999999Z", 1'795'419'852'345},
      {"2026-11-23T07:44:12+05:30", 1'795'400'052'000},
      {"2026-11-23T00:10:00-00:30", 1'795'394'400'000},
      {"2000-02-29T12:00:00Z", 951'825'600'000},
      {"2016-12-31T23:59:60Z", 1'483'228'800'000},  // A leap second is the next second.
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(Parsed(c.text), c.expected);
  }
}

TEST(Rfc3339, RefusesInvalidDateTimes) {
  for (const std::string_view text : {"",
                                      "2026-11-23",
                                      "2026-11-23T07:44:12",
                                      "2026-11-23T07:44Z",
                                      "2026-11-23T07:44:12.Z",
                                      "2026-02-29T00:00:00Z",
                                      "2026-13-01T00:00:00Z",
                                      "2026-00-01T00:00:00Z",
                                      "2026-11-31T00:00:00Z",
                                      "2026-11-23T24:00:00Z",
                                      "2026-11-23T07:60:00Z",
                                      "2026-11-23T07:44:61Z",
                                      "2026-11-23T07:44:12+24:00",
                                      "2026-11-23T07:44:12+05:60",
                                      "2026-11-23T07:44:12+0530",
                                      "2026-11-23T07:44:12+05",
                                      "2026-11-23T07:44:12+05:",
                                      "2026-11-23T07:44:12+05:3",
                                      "2026-11-23T07:44:12-",
                                      "2026-11-23T07:44:1",
                                      "2026/11/23T07:44:12Z",
                                      "2026-11-23T07.44.12Z",
                                      "2026-11-23T07:44:12Z ",
                                      " 2026-11-23T07:44:12Z",
                                      "26-11-23T07:44:12Z",
                                      "2026-1-23T07:44:12Z",
                                      "+026-11-23T07:44:12Z",
                                      "2026-11-23T07:44:12.34 5Z",
                                      "9999-12-31T23:59:60Z",
                                      "0000-01-01T00:00:00+00:01",
                                      "now"}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(Parsed(text), std::nullopt);
  }
}

TEST(Rfc3339, RoundTripsFormattedTimes) {
  for (const long long milliseconds :
       {0LL, 951'825'600'001LL, 1'795'419'852'345LL, -86'400'001LL}) {
    EXPECT_EQ(Parsed(FormatRfc3339(At(milliseconds))), milliseconds);
  }
}

}  // namespace
}  // namespace common
