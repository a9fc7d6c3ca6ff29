#include "consumer/state/marker.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace consumer {
namespace {

using namespace std::chrono_literals;

const common::Identity kIdentity = common::IdentityOfUnreadable("onfido", "body");
constexpr common::WallTime kTime{1'700'000'000'123ms};

TEST(Marker, ReadsBackWhatItWrites) {
  for (const Outcome outcome : {Outcome::kPublished, Outcome::kDead}) {
    const auto marker = ReadMarker(kIdentity.view(), MarkerHeaders(outcome), kTime);
    ASSERT_TRUE(marker);
    EXPECT_EQ(marker->identity, kIdentity);
    EXPECT_EQ(marker->record_time, kTime);
    EXPECT_EQ(marker->outcome, outcome);
  }
}

TEST(Marker, CarriesItsOutcomeInOneHeader) {
  const common::RecordHeaders published{{"outcome", "published"}};
  const common::RecordHeaders dead{{"outcome", "dead"}};
  EXPECT_EQ(MarkerHeaders(Outcome::kPublished), published);
  EXPECT_EQ(MarkerHeaders(Outcome::kDead), dead);
}

TEST(Marker, IsOneWhateverItsOutcomeSays) {
  for (const common::RecordHeaders& headers :
       {common::RecordHeaders{}, common::RecordHeaders{{"outcome", "parked"}}}) {
    const auto marker = ReadMarker(kIdentity.view(), headers, kTime);
    ASSERT_TRUE(marker);
    EXPECT_EQ(marker->outcome, std::nullopt);
  }
}

TEST(Marker, IsNoneWithoutAKeyOfSixteenBytes) {
  for (const std::size_t size : {0U, 15U, 17U, 32U}) {
    EXPECT_FALSE(ReadMarker(std::string(size, 'x'), MarkerHeaders(Outcome::kDead), kTime)) << size;
  }
}

}  // namespace
}  // namespace consumer
