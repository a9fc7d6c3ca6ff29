#include "consumer/lane/restore_progress.h"

#include <gtest/gtest.h>

namespace consumer {
namespace {

using std::chrono::seconds;

class RestoreProgressTest : public ::testing::Test {
 protected:
  RestoreProgressTest() { progress.Begin({1, 2}, start); }
  [[nodiscard]] std::string StuckAt(seconds passed) const {
    std::string text;
    for (const StuckRestore& stuck : progress.Stuck(start + passed, seconds(60))) {
      text += std::to_string(stuck.partition) + ":" +
              std::to_string(static_cast<int>(stuck.awaiting)) + "@" + std::to_string(stuck.at) +
              " ";
    }
    return text;
  }

  const RestoreProgress::TimePoint start{};
  RestoreProgress progress;
};

TEST_F(RestoreProgressTest, ReportsRestoreWithoutProgressAsStuck) {
  progress.Awaits(1, Awaiting::kOffsets);
  progress.Awaits(2, Awaiting::kMarkers, 77);
  EXPECT_EQ(StuckAt(seconds(59)), "");
  EXPECT_EQ(StuckAt(seconds(60)), "1:1@-1 2:2@77 ");
}

TEST_F(RestoreProgressTest, CountsOnlyNewOffsetsAsProgress) {
  progress.Reached(1, 100, start + seconds(50));
  progress.Reached(1, 10, start + seconds(55));  // read again
  progress.Reached(1, 100, start + seconds(57));
  EXPECT_EQ(StuckAt(seconds(109)), "2:0@-1 ");
  EXPECT_EQ(StuckAt(seconds(110)), "1:0@-1 2:0@-1 ");
}

TEST_F(RestoreProgressTest, ForgetsDoneAndReplacedPartitions) {
  progress.Done(1);
  EXPECT_EQ(StuckAt(seconds(60)), "2:0@-1 ");
  progress.Begin({3}, start + seconds(50));
  progress.Awaits(2, Awaiting::kMarkers, 5);
  progress.Reached(2, 5, start);
  EXPECT_EQ(StuckAt(seconds(60)), "");
}

}  // namespace
}  // namespace consumer
