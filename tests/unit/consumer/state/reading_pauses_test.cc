#include "consumer/state/reading_pauses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace consumer {
namespace {

using common::OffsetWitness;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

OffsetWitness RecordAt(std::int64_t offset) {
  return {common::Offset(offset), common::WallTime(milliseconds(1'000 * offset))};
}

/// Reads one record after the other.
class Reading {
 public:
  explicit Reading(std::optional<OffsetWitness> basis = std::nullopt) : last_(basis) {}
  void ReadsAfter(milliseconds span, std::int64_t offset) {
    now_ += span;
    pauses_.Read(last_, now_);
    last_ = RecordAt(offset);
  }
  ReadingPauses& pauses() { return pauses_; }

 private:
  ReadingPauses pauses_;
  std::optional<OffsetWitness> last_;
  ReadingPauses::TimePoint now_{};
};

TEST(ReadingPauses, KeepTheLastRecordBeforeASecondWithoutRecords) {
  Reading reading;
  reading.ReadsAfter(milliseconds(0), 7);
  reading.ReadsAfter(milliseconds(999), 8);
  reading.ReadsAfter(milliseconds(1'000), 9);
  reading.ReadsAfter(milliseconds(60'000), 10);
  EXPECT_THAT(reading.pauses().unchecked(), ElementsAre(RecordAt(8), RecordAt(9)));
}

TEST(ReadingPauses, KeepTheBasisOfTheOffsetAtTheFirstRecord) {
  Reading restored(RecordAt(6));
  EXPECT_THAT(restored.pauses().unchecked(), IsEmpty()) << "nothing was read yet";
  restored.ReadsAfter(milliseconds(0), 7);
  EXPECT_THAT(restored.pauses().unchecked(), ElementsAre(RecordAt(6)));
  Reading from_begin;
  from_begin.ReadsAfter(milliseconds(0), 7);
  EXPECT_THAT(from_begin.pauses().unchecked(), IsEmpty());
}

TEST(ReadingPauses, KeepWitnessesThatTheLookHasNotSeen) {
  Reading reading(RecordAt(6));
  reading.ReadsAfter(milliseconds(0), 7);
  const auto seen = reading.pauses().unchecked();
  reading.ReadsAfter(milliseconds(1'500), 8);
  reading.pauses().Checked(seen);
  EXPECT_THAT(reading.pauses().unchecked(), ElementsAre(RecordAt(7)));
}

TEST(ReadingPauses, KeepTheOldestAndTheNewestWhileNoLookSucceeds) {
  Reading reading(RecordAt(0));
  for (std::int64_t offset = 1; offset <= 40; ++offset) {
    reading.ReadsAfter(milliseconds(1'500), offset);
  }
  const auto& unchecked = reading.pauses().unchecked();
  EXPECT_EQ(unchecked.size(), 16U);
  EXPECT_EQ(unchecked.front(), RecordAt(0));
  EXPECT_EQ(unchecked[1], RecordAt(25));
  EXPECT_EQ(unchecked.back(), RecordAt(39));
}

}  // namespace
}  // namespace consumer
