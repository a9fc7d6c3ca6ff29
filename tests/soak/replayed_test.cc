#include "tests/soak/replayed.h"

#include <gtest/gtest.h>

namespace soak {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const common::WallTime kThere{seconds(1'000'000)};

tests::Record Received(milliseconds when, milliseconds appended, int partition = 0) {
  return {.key = "p-" + std::to_string(appended.count()),
          .value = "",
          .headers = {{"received-at", common::FormatRfc3339(kThere + when)}},
          .timestamp_ms = (kThere + appended).time_since_epoch().count(),
          .partition = partition};
}

TEST(Replayed, CountsCallbacksReceivedBeforeAndAppendedAfterKafkasReturn) {
  Replayed replayed(kThere, std::nullopt);
  replayed.Count(Received(seconds(-20), seconds(-19)));
  replayed.Count(Received(seconds(-10), milliseconds(700)));
  replayed.Count(Received(seconds(-5), milliseconds(1'200)));
  replayed.Count(Received(seconds(1), milliseconds(1'900)));
  EXPECT_EQ(replayed.healthy().count, 2);
  EXPECT_EQ(replayed.healthy().last_after, milliseconds(1'200));
  EXPECT_EQ(replayed.dead().count, 0);
  EXPECT_TRUE(replayed.keys().contains("p-1900"));
}

TEST(Replayed, CountsTheDeadPartitionSeparately) {
  Replayed replayed(kThere, 4);
  replayed.Count(Received(seconds(-10), seconds(1), 3));
  replayed.Count(Received(seconds(-10), seconds(25), 4));
  EXPECT_EQ(replayed.healthy().count, 1);
  EXPECT_EQ(replayed.healthy().last_after, seconds(1));
  EXPECT_EQ(replayed.dead().count, 1);
  EXPECT_EQ(replayed.dead().last_after, seconds(25));
}

}  // namespace
}  // namespace soak
