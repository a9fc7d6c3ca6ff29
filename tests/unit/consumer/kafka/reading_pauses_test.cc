#include "consumer/kafka/reading_pauses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace consumer {
namespace {

using common::OffsetWitness;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr Partition kPartition = 3;

OffsetWitness RecordAt(std::int64_t offset) {
  return {offset, common::WallTime(milliseconds(1'000 * offset))};
}

/// Sees a record every quarter of a second, as the lane does.
class Reading {
 public:
  void ReadsNothingButFor(std::int64_t offset, milliseconds span) {
    for (const auto end = now_ + span; now_ <= end; now_ += milliseconds(250)) {
      pauses_.Saw(kPartition, RecordAt(offset), now_);
    }
  }
  ReadingPauses& pauses() { return pauses_; }

 private:
  ReadingPauses pauses_;
  ReadingPauses::TimePoint now_{};
};

TEST(ReadingPauses, AreTheRecordsAfterWhichNothingCameForASecond) {
  Reading reading;
  reading.ReadsNothingButFor(7, milliseconds(1'500));
  reading.ReadsNothingButFor(8, milliseconds(500));
  reading.ReadsNothingButFor(9, milliseconds(2'000));
  EXPECT_THAT(reading.pauses().Pending(),
              ElementsAre(Pair(kPartition, ElementsAre(RecordAt(7), RecordAt(9)))));
}

TEST(ReadingPauses, KeepThoseThatWereNotChecked) {
  Reading reading;
  reading.ReadsNothingButFor(7, milliseconds(1'500));
  const auto pending = reading.pauses().Pending();
  reading.ReadsNothingButFor(8, milliseconds(1'500));
  reading.pauses().Checked(kPartition, pending.at(kPartition));
  EXPECT_THAT(reading.pauses().Pending(), ElementsAre(Pair(kPartition, ElementsAre(RecordAt(8)))));
}

TEST(ReadingPauses, CountALongPauseOnce) {
  Reading reading;
  reading.ReadsNothingButFor(7, milliseconds(1'500));
  reading.pauses().Checked(kPartition, reading.pauses().Pending().at(kPartition));
  reading.ReadsNothingButFor(7, milliseconds(5'000));
  EXPECT_THAT(reading.pauses().Pending(), IsEmpty());
}

TEST(ReadingPauses, KeepTheNewestWhileNoLookSucceeds) {
  Reading reading;
  for (std::int64_t offset = 0; offset < 40; ++offset) {
    reading.ReadsNothingButFor(offset, milliseconds(1'500));
  }
  const auto pending = reading.pauses().Pending().at(kPartition);
  EXPECT_EQ(pending.size(), 16U);
  EXPECT_EQ(pending.back(), RecordAt(39));
}

}  // namespace
}  // namespace consumer
