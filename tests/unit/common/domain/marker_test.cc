#include "common/domain/marker.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace common {
namespace {

using namespace std::chrono_literals;

const Identity kIdentity = IdentityOfUnreadable("onfido", "body");
constexpr WallTime kTime{1'700'000'000'123ms};

TEST(Marker, SurvivesRoundTrip) {
  for (const MarkerOutcome outcome :
       {MarkerOutcome::kPublished, MarkerOutcome::kDead, MarkerOutcome::kIgnored}) {
    const auto marker = ReadMarker(kIdentity.view(), MarkerHeaders(outcome), kTime);
    ASSERT_TRUE(marker);
    EXPECT_EQ(marker->identity, kIdentity);
    EXPECT_EQ(marker->record_time, kTime);
    EXPECT_EQ(marker->outcome, outcome);
  }
}

TEST(Marker, CarriesOutcomeInOneHeader) {
  const RecordHeaders published{{"outcome", "published"}};
  const RecordHeaders dead{{"outcome", "dead"}};
  EXPECT_EQ(MarkerHeaders(MarkerOutcome::kPublished), published);
  EXPECT_EQ(MarkerHeaders(MarkerOutcome::kDead), dead);
}

TEST(Marker, SaysWhetherTheApiWasAsked) {
  RecordHeaders headers = MarkerHeaders(MarkerOutcome::kPublished);
  EXPECT_TRUE(ReadMarker(kIdentity.view(), headers, kTime)->is_fetched);
  headers.push_back({"fetch", "none"});
  EXPECT_FALSE(ReadMarker(kIdentity.view(), headers, kTime)->is_fetched);
}

TEST(Marker, IsValidWithAnyOutcome) {
  for (const RecordHeaders& headers : {RecordHeaders{}, RecordHeaders{{"outcome", "parked"}}}) {
    const auto marker = ReadMarker(kIdentity.view(), headers, kTime);
    ASSERT_TRUE(marker);
    EXPECT_EQ(marker->outcome, std::nullopt);
  }
}

TEST(Marker, KeepsRecordTimeThatDiffersFromTimestamp) {
  const RecordHeaders headers{{"outcome", "published"}, {"record-time", FormatRfc3339(kTime)}};
  EXPECT_EQ(ReadMarker(kIdentity.view(), headers, kTime - 2h)->record_time, kTime);
  const HeaderViews views{{headers[0].name, headers[0].value}, {headers[1].name, headers[1].value}};
  EXPECT_EQ(ReadArrivedMarker(kIdentity.view(), views, kTime - 2h)->record_time, kTime);
  EXPECT_EQ(ReadMarker(kIdentity.view(), {{"record-time", "soon"}}, kTime)->record_time, kTime);
}

TEST(Marker, RequiresKeyOfSixteenBytes) {
  for (const std::size_t size : {0U, 15U, 17U, 32U}) {
    EXPECT_FALSE(ReadMarker(std::string(size, 'x'), MarkerHeaders(MarkerOutcome::kDead), kTime))
        << size;
  }
}

}  // namespace
}  // namespace common
