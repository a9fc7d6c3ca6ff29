#include "tests/harness/log_events.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/harness/json.h"

namespace tests {
namespace {

TEST(LogEvents, MatchOnlyLinesOfTheWantedName) {
  constexpr const char* kLog =
      "{\"event\":\"lane.assigned\",\"partition\":3}\n"
      "{\"event\":\"kafka.log\",\"text\":\"lane.assigned\"}\n"
      "no JSON: lane.assigned\n"
      "{\"event\":\"lane.assigned\",\"partition\":5}\n"
      "{\"event\":\"lane.assi";
  std::vector<std::int64_t> partitions;
  ForEachEvent(kLog, "lane.assigned", [&](const rapidjson::Document& json) {
    partitions.push_back(NumberIn(json, "partition"));
  });
  EXPECT_EQ(partitions, (std::vector<std::int64_t>{3, 5}));
  EXPECT_EQ(CountEvents(kLog, "lane.assigned"), 2U);
  EXPECT_EQ(CountEvents(kLog, "lane.revoked"), 0U);
}

}  // namespace
}  // namespace tests
