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

using common::Offset;

TEST(OffsetTracker, CommitsStartOfReadingUntilRecordIsTaken) {
  const OffsetTracker tracker(Offset(42));
  EXPECT_EQ(tracker.LowWaterMark(), Offset(42));
  EXPECT_EQ(tracker.Span(), 0);
}

TEST(OffsetTracker, StopsAtOldestOpenRecord) {
  OffsetTracker tracker(Offset(10));
  for (const int offset : {10, 11, 12}) tracker.Take(Offset(offset));
  tracker.Complete(Offset(11));
  tracker.Complete(Offset(12));
  EXPECT_EQ(tracker.LowWaterMark(), Offset(10));
  EXPECT_EQ(tracker.Span(), 3);
  EXPECT_EQ(tracker.open(), 1U);
}

TEST(OffsetTracker, PassesAllRecordsCompletedAbove) {
  OffsetTracker tracker(Offset(10));
  for (const int offset : {10, 11, 12, 13}) tracker.Take(Offset(offset));
  tracker.Complete(Offset(12));
  tracker.Complete(Offset(11));
  tracker.Complete(Offset(10));
  EXPECT_EQ(tracker.LowWaterMark(), Offset(13));
  EXPECT_EQ(tracker.Span(), 1);
}

TEST(OffsetTracker, PassesRecordHandledAtOnceButNotOpenOneBelow) {
  OffsetTracker tracker(Offset(10));
  tracker.Pass(Offset(10));
  EXPECT_EQ(tracker.LowWaterMark(), Offset(11));
  tracker.Take(Offset(12));
  tracker.Pass(Offset(13));
  EXPECT_EQ(tracker.LowWaterMark(), Offset(12));
  EXPECT_EQ(tracker.NextToRead(), Offset(14));
  tracker.Complete(Offset(12));
  EXPECT_EQ(tracker.LowWaterMark(), Offset(14));
}

TEST(OffsetTracker, StopsAtTheFirstRecordPassedOver) {
  OffsetTracker tracker(Offset(10));
  tracker.Take(Offset(10));
  tracker.PassOver(Offset(12), common::WallTime(std::chrono::hours(1)));
  tracker.Take(Offset(13));
  tracker.PassOver(Offset(14));
  tracker.Complete(Offset(13));
  EXPECT_EQ(tracker.LowWaterMark(), Offset(10));
  tracker.Complete(Offset(10));
  tracker.Confirm();
  EXPECT_EQ(tracker.LowWaterMark(), Offset(12));
  EXPECT_EQ(tracker.Witness()->time, common::WallTime(std::chrono::hours(1)));
  EXPECT_EQ(tracker.NextToRead(), Offset(15));
  EXPECT_EQ(tracker.Span(), 3);
}

TEST(OffsetTracker, CommitsNextToReadOnceNothingIsOpen) {
  OffsetTracker tracker(Offset(0));
  tracker.Take(Offset(0));
  tracker.Take(Offset(1));
  tracker.Complete(Offset(1));
  tracker.Complete(Offset(0));
  EXPECT_EQ(tracker.LowWaterMark(), Offset(2));
  EXPECT_EQ(tracker.NextToRead(), Offset(2));
  EXPECT_EQ(tracker.Span(), 0);
}

TEST(OffsetTracker, TreatsOffsetsThatNeverCameAsDone) {
  OffsetTracker tracker(Offset(5));
  tracker.Take(Offset(7));
  tracker.Take(Offset(9'000'000'000));
  EXPECT_EQ(tracker.LowWaterMark(), Offset(7));
  tracker.Complete(Offset(7));
  EXPECT_EQ(tracker.LowWaterMark(), Offset(9'000'000'000));
  tracker.Complete(Offset(9'000'000'000));
  EXPECT_EQ(tracker.LowWaterMark(), Offset(9'000'000'001));
}

TEST(OffsetTracker, NamesLastRecordAtOrBelowLowWaterMark) {
  using common::OffsetWitness;
  const auto at = [](int ms) { return common::WallTime(std::chrono::milliseconds(ms)); };
  EXPECT_EQ(OffsetTracker(Offset(10)).Witness(), std::nullopt);
  OffsetTracker tracker(Offset(10), OffsetWitness{Offset(8), at(80)});
  EXPECT_EQ(tracker.Witness(), (OffsetWitness{Offset(8), at(80)})) << "no record was read since";
  tracker.Pass(Offset(11), at(110));
  EXPECT_EQ(tracker.Witness(), (OffsetWitness{Offset(11), at(110)}));
  tracker.Take(Offset(12), at(120));
  tracker.Take(Offset(13), at(130));
  tracker.Pass(Offset(14), at(140));
  EXPECT_EQ(tracker.Witness(), (OffsetWitness{Offset(12), at(120)}))
      << "the record at the low-water mark";
  tracker.Complete(Offset(13));
  EXPECT_EQ(tracker.Witness(), (OffsetWitness{Offset(12), at(120)}));
  tracker.Complete(Offset(12));
  EXPECT_EQ(tracker.Witness(), (OffsetWitness{Offset(14), at(140)}));
}

TEST(OffsetTracker, MatchesExactModel) {
  const auto seed = tests::Seed();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  RecordProperty("seed", std::to_string(seed));
  std::mt19937_64 random(seed);

  OffsetTracker tracker(Offset(100));
  std::map<Offset, bool> done_by_offset;  // Every offset ever taken.
  std::vector<Offset> open;
  Offset next(100);
  for (int step = 0; step < 3'000; ++step) {
    if (open.empty() || random() % 2 == 0) {
      const Offset offset = next + (random() % 5 == 0 ? static_cast<int>(random() % 10) : 0);
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
    Offset expected = next;
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
