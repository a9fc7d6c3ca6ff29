#include "common/base/retry_after.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace common {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

// Sun, 06 Nov 1994 08:49:37 GMT
constexpr WallTime kThen{std::chrono::sys_days{std::chrono::year{1994} / 11 / 6} + 8h + 49min +
                         37s};

struct Row {
  const char* name;
  std::string field;
  WallTime now;
  std::optional<milliseconds> wait;
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

class RetryAfter : public testing::TestWithParam<Row> {};

TEST_P(RetryAfter, IsParsed) {
  EXPECT_EQ(ParseRetryAfter(GetParam().field, GetParam().now), GetParam().wait);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, RetryAfter,
    testing::Values(
        Row{"seconds", "120", kThen, 120s}, Row{"no_seconds", "0", kThen, 0s},
        Row{"spaces", "  7\t", kThen, 7s}, Row{"an_hour", "3600", kThen, 1h},
        Row{"more_than_an_hour", "3601", kThen, 1h},
        Row{"more_than_any_number", "99999999999999999999999", kThen, 1h},
        Row{"negative", "-5", kThen, std::nullopt}, Row{"signed_number", "+5", kThen, std::nullopt},
        Row{"fraction", "1.5", kThen, std::nullopt}, Row{"unit", "5s", kThen, std::nullopt},
        Row{"empty", "", kThen, std::nullopt}, Row{"word", "soon", kThen, std::nullopt},
        Row{"date", "Sun, 06 Nov 1994 08:49:37 GMT", kThen - 90s, 90s},
        Row{"date_with_milliseconds_to_go", "Sun, 06 Nov 1994 08:49:37 GMT", kThen - 1ms, 1ms},
        Row{"date_now", "Sun, 06 Nov 1994 08:49:37 GMT", kThen, 0s},
        Row{"date_passed", "Sun, 06 Nov 1994 08:49:37 GMT", kThen + 10h, 0s},
        Row{"date_far_away", "Sun, 06 Nov 1994 08:49:37 GMT", kThen - 48h, 1h},
        Row{"date_in_small_letters", "sun, 06 nov 1994 08:49:37 gmt", kThen - 90s, 90s},
        Row{"date_with_a_wrong_day_name", "Mon, 06 Nov 1994 08:49:37 GMT", kThen - 90s, 90s},
        Row{"rfc850", "Sunday, 06-Nov-94 08:49:37 GMT", kThen - 90s, 90s},
        Row{"rfc850_of_the_next_century", "Saturday, 01-Jan-00 00:00:00 GMT",
            std::chrono::sys_days{std::chrono::year{1999} / 12 / 31} + 23h + 59min, 0s},
        Row{"rfc850_fifty_years_ahead", "Friday, 06-Nov-76 08:49:37 GMT",
            std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}, 1h},
        Row{"rfc850_more_than_fifty_years_ahead", "Friday, 06-Nov-77 08:49:37 GMT",
            std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}, 0s},
        Row{"asctime", "Sun Nov  6 08:49:37 1994", kThen - 90s, 90s},
        Row{"leap_second", "Sun, 06 Nov 1994 08:49:60 GMT", kThen, 23s},
        Row{"no_such_day", "Sun, 31 Nov 1994 08:49:37 GMT", kThen, std::nullopt},
        Row{"no_such_month", "Sun, 06 Nop 1994 08:49:37 GMT", kThen, std::nullopt},
        Row{"no_such_hour", "Sun, 06 Nov 1994 24:49:37 GMT", kThen, std::nullopt},
        Row{"short_clock", "Sun, 06 Nov 1994 8:49:37 GMT", kThen, std::nullopt},
        Row{"another_zone", "Sun, 06 Nov 1994 08:49:37 CET", kThen, std::nullopt},
        Row{"rfc3339", "1994-11-06T08:49:37Z", kThen, std::nullopt},
        Row{"half_a_date", "Sun, 06 Nov", kThen, std::nullopt}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(HttpDate, IsParsedInAllForms) {
  for (const char* text : {"Sun, 06 Nov 1994 08:49:37 GMT", " sunday, 06-Nov-94 08:49:37 GMT ",
                           "Sun Nov  6 08:49:37 1994"}) {
    EXPECT_EQ(ParseHttpDate(text, kThen), kThen) << text;
  }
  EXPECT_EQ(ParseHttpDate("yesterday", kThen), std::nullopt);
}

}  // namespace
}  // namespace common
