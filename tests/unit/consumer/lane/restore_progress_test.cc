#include "consumer/lane/restore_progress.h"

#include <gtest/gtest.h>

namespace consumer {
namespace {

using std::chrono::seconds;

class RestoreProgressTest : public ::testing::Test {
 protected:
  RestoreProgressTest() { progress.Begin({Partition(1), Partition(2)}, start); }
  [[nodiscard]] std::string StuckAt(seconds passed) const {
    std::string text;
    for (const StuckRestore& stuck : progress.Stuck(start + passed, seconds(60))) {
      text += ToText(stuck.partition) + ":" + std::to_string(static_cast<int>(stuck.awaiting)) +
              "@" + (stuck.at ? ToText(*stuck.at) : "-1") + " ";
    }
    return text;
  }

  const RestoreProgress::TimePoint start{};
  RestoreProgress progress;
};

TEST_F(RestoreProgressTest, ReportsRestoreWithoutProgressAsStuck) {
  progress.Awaits(Partition(1), Awaiting::kOffsets);
  progress.Awaits(Partition(2), Awaiting::kMarkers, Offset(77));
  EXPECT_EQ(StuckAt(seconds(59)), "");
  EXPECT_EQ(StuckAt(seconds(60)), "1:1@-1 2:2@77 ");
}

TEST_F(RestoreProgressTest, CountsOnlyNewOffsetsAsProgress) {
  progress.Reached(Partition(1), Offset(100), start + seconds(50));
  progress.Reached(Partition(1), Offset(10), start + seconds(55));  // read again
  progress.Reached(Partition(1), Offset(100), start + seconds(57));
  EXPECT_EQ(StuckAt(seconds(109)), "2:0@-1 ");
  EXPECT_EQ(StuckAt(seconds(110)), "1:0@-1 2:0@-1 ");
}

TEST_F(RestoreProgressTest, ForgetsDoneAndReplacedPartitions) {
  progress.Done(Partition(1));
  EXPECT_EQ(StuckAt(seconds(60)), "2:0@-1 ");
  progress.Begin({Partition(3)}, start + seconds(50));
  progress.Awaits(Partition(2), Awaiting::kMarkers, Offset(5));
  progress.Reached(Partition(2), Offset(5), start);
  EXPECT_EQ(StuckAt(seconds(60)), "");
}

}  // namespace
}  // namespace consumer
