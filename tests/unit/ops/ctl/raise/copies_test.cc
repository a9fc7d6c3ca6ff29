#include "ops/ctl/raise/copies.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace ctl {
namespace {

using common::RecordHeaders;
using common::WallTime;
using std::chrono::hours;

const WallTime kNoon{hours(24 * 20'000 + 12)};
constexpr common::CopyOrigin kOrigin{
    .partition = common::Partition(2), .offset = common::Offset(7), .partitions = 12};

/// "name=value" of each header. The time of the copied record shows as "now".
std::string Show(const RecordHeaders& headers) {
  std::string text;
  for (const auto& [name, value] : headers) {
    text += (text.empty() ? "" : " ") + name + "=" +
            (value == common::FormatRfc3339(kNoon) ? "now" : value);
  }
  return text;
}

struct CopyCase {
  const char* name;
  CopyOf what;
  RecordHeaders headers;
  const char* of_copy;
};
void PrintTo(const CopyCase& c, std::ostream* out) { *out << c.name; }

class CopiedHeaders : public ::testing::TestWithParam<CopyCase> {};

TEST_P(CopiedHeaders, NameOriginAndKeepItsTime) {
  EXPECT_EQ(Show(HeadersOfCopy(GetParam().headers, kNoon, GetParam().what, kOrigin)),
            GetParam().of_copy);
}

INSTANTIATE_TEST_SUITE_P(
    Table, CopiedHeaders,
    ::testing::Values(
        CopyCase{"Marker",
                 CopyOf::kMarker,
                 {{"outcome", "published"}},
                 "outcome=published record-time=now copied-from=2:7@12"},
        CopyCase{"MarkerWithItsOwnTime",
                 CopyOf::kMarker,
                 {{"record-time", "then"}},
                 "record-time=then copied-from=2:7@12"},
        CopyCase{"CopyOfAMarker",
                 CopyOf::kMarker,
                 {{"record-time", "then"}, {"copied-from", "0:1@6"}},
                 "record-time=then copied-from=2:7@12"},
        CopyCase{"Announcement", CopyOf::kAnnouncement, {}, "announced-at=now copied-from=2:7@12"},
        CopyCase{"AnnouncementWithAHeaderOfThatName",
                 CopyOf::kAnnouncement,
                 {{"announced-at", "then"}},
                 "announced-at=now copied-from=2:7@12"},
        CopyCase{"CopyOfAnAnnouncement",
                 CopyOf::kAnnouncement,
                 {{"announced-at", "then"}, {"copied-from", "0:1@6"}},
                 "announced-at=then copied-from=2:7@12"}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(OldestTimestamp, IsTheLaterOfBothLimitsWithSomeSlack) {
  EXPECT_FALSE(OldestTimestamp({}, kNoon));
  EXPECT_FALSE(OldestTimestamp({{"message.timestamp.before.max.ms", "9223372036854775807"}}, kNoon))
      << "Kafka's default: any";
  const std::map<std::string, std::string> both{{"message.timestamp.before.max.ms", "36000000"},
                                                {"message.timestamp.difference.max.ms", "7200000"}};
  EXPECT_EQ(OldestTimestamp(both, kNoon), kNoon - hours(2) + kClockSlack);
}

TEST(TimestampOfCopy, IsOriginalsUnlessBrokersRefuseIt) {
  EXPECT_EQ(TimestampOfCopy(kNoon - hours(9), std::nullopt, kNoon), kNoon - hours(9));
  EXPECT_EQ(TimestampOfCopy(kNoon - hours(9), kNoon - hours(9), kNoon), kNoon - hours(9));
  EXPECT_EQ(TimestampOfCopy(kNoon - hours(9), kNoon - hours(8), kNoon), kNoon);
}

}  // namespace
}  // namespace ctl
