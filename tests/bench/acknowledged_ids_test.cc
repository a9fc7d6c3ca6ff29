#include "tests/bench/acknowledged_ids.h"

#include <gtest/gtest.h>

#include <sstream>

namespace bench {
namespace {

constexpr const char* kFirst = "00000001-0001-4000-8000-000000000000";
constexpr const char* kSecond = "00000001-0001-4000-8000-000000000001";

AcknowledgedIds Both() {
  AcknowledgedIds ids;
  std::istringstream lines(std::string(kSecond) + "\n" + kFirst + "\n");
  ids.Read(lines);
  ids.Sort();
  return ids;
}

TEST(AcknowledgedIds, CountsIdsAsMissingUntilTheyAreFound) {
  AcknowledgedIds ids = Both();
  EXPECT_EQ(ids.count(), 2);
  EXPECT_EQ(ids.CountMissing(), 2);
  ids.Found(kSecond);
  ids.Found(kSecond);
  EXPECT_EQ(ids.CountMissing(), 1);
  ids.Found(kFirst);
  EXPECT_EQ(ids.CountMissing(), 0);
}

TEST(AcknowledgedIds, IgnoresIdsThatWereNotAcknowledged) {
  AcknowledgedIds ids = Both();
  ids.Found("00000002-0001-4000-8000-000000000000");
  ids.Found("");
  EXPECT_EQ(ids.CountMissing(), 2);
}

TEST(AcknowledgedIds, ThrowsIfALineIsNotAnId) {
  AcknowledgedIds ids;
  std::istringstream lines("an id\n");
  EXPECT_THROW(ids.Read(lines), std::runtime_error);
}

}  // namespace
}  // namespace bench
