#include "consumer/state/offset_tracker.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "tests/support/seed.h"

namespace consumer {
namespace {

TEST(OffsetTracker, CommitsStartOfReadingUntilRecordIsTaken) {
  const OffsetTracker tracker(42);
  EXPECT_EQ(tracker.LowWaterMark(), 42);
  EXPECT_EQ(tracker.Span(), 0);
}

TEST(OffsetTracker, StopsAtOldestOpenRecord) {
  OffsetTracker tracker(10);
  for (const std::int64_t offset : {10, 11, 12}) tracker.Take(offset);
  tracker.Complete(11);
  tracker.Complete(12);
  EXPECT_EQ(tracker.LowWaterMark(), 10);
  EXPECT_EQ(tracker.Span(), 3);
  EXPECT_EQ(tracker.open(), 1U);
}

TEST(OffsetTracker, PassesAllRecordsCompletedAbove) {
  OffsetTracker tracker(10);
  for (const std::int64_t offset : {10, 11, 12, 13}) tracker.Take(offset);
  tracker.Complete(12);
  tracker.Complete(11);
  tracker.Complete(10);
  EXPECT_EQ(tracker.LowWaterMark(), 13);
  EXPECT_EQ(tracker.Span(), 1);
}

TEST(OffsetTracker, PassesRecordHandledAtOnceButNotOpenOneBelow) {
  OffsetTracker tracker(10);
  tracker.Pass(10);
  EXPECT_EQ(tracker.LowWaterMark(), 11);
  tracker.Take(12);
  tracker.Pass(13);
  EXPECT_EQ(tracker.LowWaterMark(), 12);
  EXPECT_EQ(tracker.NextToRead(), 14);
  tracker.Complete(12);
  EXPECT_EQ(tracker.LowWaterMark(), 14);
}

TEST(OffsetTracker, CommitsNextToReadOnceNothingIsOpen) {
  OffsetTracker tracker(0);
  tracker.Take(0);
  tracker.Take(1);
  tracker.Complete(1);
  tracker.Complete(0);
  EXPECT_EQ(tracker.LowWaterMark(), 2);
  EXPECT_EQ(tracker.NextToRead(), 2);
  EXPECT_EQ(tracker.Span(), 0);
}

TEST(OffsetTracker, TreatsOffsetsThatNeverCameAsDone) {
  OffsetTracker tracker(5);
  tracker.Take(7);
  tracker.Take(9'000'000'000);
  EXPECT_EQ(tracker.LowWaterMark(), 7);
  tracker.Complete(7);
  EXPECT_EQ(tracker.LowWaterMark(), 9'000'000'000);
  tracker.Complete(9'000'000'000);
  EXPECT_EQ(tracker.LowWaterMark(), 9'000'000'001);
}

TEST(OffsetTracker, NamesLastRecordAtOrBelowLowWaterMark) {
  using common::OffsetWitness;
  const auto at = [](int ms) { return common::WallTime(std::chrono::milliseconds(ms)); };
  EXPECT_EQ(OffsetTracker(10).Witness(), std::nullopt);
  OffsetTracker tracker(10, OffsetWitness{8, at(80)});
  EXPECT_EQ(tracker.Witness(), (OffsetWitness{8, at(80)})) << "no record was read since";
  tracker.Pass(11, at(110));
  EXPECT_EQ(tracker.Witness(), (OffsetWitness{11, at(110)}));
  tracker.Take(12, at(120));
  tracker.Take(13, at(130));
  tracker.Pass(14, at(140));
  EXPECT_EQ(tracker.Witness(), (OffsetWitness{12, at(120)})) << "the record at the low-water mark";
  tracker.Complete(13);
  EXPECT_EQ(tracker.Witness(), (OffsetWitness{12, at(120)}));
  tracker.Complete(12);
  EXPECT_EQ(tracker.Witness(), (OffsetWitness{14, at(140)}));
}

TEST(OffsetTracker, MatchesExactModel) {
  const auto seed = tests::Seed();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  RecordProperty("seed", std::to_string(seed));
  std::mt19937_64 random(seed);

  OffsetTracker tracker(100);
  std::map<std::int64_t, bool> done_by_offset;  // Every offset ever taken.
  std::vector<std::int64_t> open;
  std::int64_t next = 100;
  for (int step = 0; step < 3'000; ++step) {
    if (open.empty() || random() % 2 == 0) {
      const std::int64_t offset = next + (random() % 5 == 0 ? static_cast<int>(random() % 10) : 0);
      tracker.Take(offset);
      done_by_offset[offset] = false;
      open.push_back(offset);
      next = offset + 1;
    } else {
      const std::size_t which = random() % open.size();
      tracker.Complete(open[which]);
      done_by_offset[open[which]] = true;
      open.erase(open.begin() + static_cast<std::ptrdiff_t>(which));
    }
    std::int64_t expected = next;
    for (const auto& [offset, is_done] : done_by_offset) {
      if (!is_done) {
        expected = offset;
        break;
      }
    }
    ASSERT_EQ(tracker.LowWaterMark(), expected) << "step " << step;
    ASSERT_EQ(tracker.Span(), next - expected) << "step " << step;
    ASSERT_EQ(tracker.open(), open.size()) << "step " << step;
  }
}

}  // namespace
}  // namespace consumer
