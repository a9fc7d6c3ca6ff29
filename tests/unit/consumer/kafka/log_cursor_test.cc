#include "consumer/kafka/log_cursor.h"

#include <gtest/gtest.h>

namespace consumer {
namespace {

using common::OffsetWitness;
using std::chrono::milliseconds;

OffsetWitness RecordAt(std::int64_t offset, int life = 1) {
  return {Offset(offset), common::WallTime(milliseconds(1'000 * life + offset))};
}

class LogCursorTest : public ::testing::Test {
 protected:
  bool Accepts(const OffsetWitness& record, milliseconds after = milliseconds(0)) {
    now_ += after;
    return cursor.Accept(record, now_);
  }
  /// Has read the records 5 to 9.
  void ReadSome() {
    ASSERT_EQ(cursor.Begin(), Offset(5));
    for (std::int64_t offset = 5; offset < 10; ++offset) ASSERT_TRUE(Accepts(RecordAt(offset)));
    cursor.Reached(Offset(10));
  }

  LogCursor cursor{Offset(5)};

 private:
  LogCursor::TimePoint now_{};
};

TEST_F(LogCursorTest, GoesOnBehindTheLastRecordThatWasRead) {
  ReadSome();
  EXPECT_EQ(cursor.Begin(), Offset(9));
  EXPECT_FALSE(Accepts(RecordAt(9))) << "it was read before";
  EXPECT_TRUE(Accepts(RecordAt(10)));
  cursor.Reached(Offset(12));
  EXPECT_EQ(cursor.position().next, Offset(12));
  EXPECT_EQ(cursor.position().last, RecordAt(10));
}

TEST_F(LogCursorTest, AcceptsNothingIfAnotherRecordIsAtThatPlace) {
  ReadSome();
  EXPECT_EQ(cursor.Begin(), Offset(9));
  EXPECT_FALSE(Accepts(RecordAt(9, 2)));
  EXPECT_FALSE(Accepts(RecordAt(10, 2)));
  cursor.Reached(Offset(11));
  EXPECT_TRUE(cursor.is_in_doubt());
  EXPECT_EQ(cursor.position().next, Offset(10));
  EXPECT_EQ(cursor.Begin(), std::nullopt);
}

TEST_F(LogCursorTest, AcceptsNothingIfNoRecordIsAtThatPlace) {
  ReadSome();
  EXPECT_EQ(cursor.Begin(), Offset(9));
  EXPECT_FALSE(Accepts(RecordAt(10))) << "a control record may stand there now";
  EXPECT_TRUE(cursor.is_in_doubt());
}

TEST_F(LogCursorTest, IsInDoubtIfNoRecordComesBeforeTheEnd) {
  ReadSome();
  EXPECT_EQ(cursor.Begin(), Offset(9));
  cursor.Reached(Offset(20));
  EXPECT_TRUE(cursor.is_in_doubt());
  EXPECT_EQ(cursor.position().next, Offset(10));
}

TEST_F(LogCursorTest, GoesOnOnceThePositionIsConfirmed) {
  ReadSome();
  ASSERT_EQ(cursor.Begin(), Offset(9));
  ASSERT_FALSE(Accepts(RecordAt(10)));
  cursor.Confirm();
  EXPECT_EQ(cursor.Begin(), Offset(10));
  EXPECT_TRUE(Accepts(RecordAt(10)));
  EXPECT_EQ(cursor.Begin(), Offset(10)) << "the next pass begins with a witness again";
}

TEST_F(LogCursorTest, EndsAPassWhereNoRecordComesForASecond) {
  ReadSome();
  ASSERT_EQ(cursor.Begin(), Offset(9));
  ASSERT_FALSE(Accepts(RecordAt(9)));
  EXPECT_TRUE(Accepts(RecordAt(10), milliseconds(999)));
  EXPECT_FALSE(Accepts(RecordAt(11), milliseconds(1'000)));
  EXPECT_FALSE(Accepts(RecordAt(12)));
  cursor.Reached(Offset(13));
  EXPECT_EQ(cursor.position().next, Offset(11));
  EXPECT_FALSE(cursor.is_in_doubt());
  EXPECT_EQ(cursor.Begin(), Offset(10));
}

TEST_F(LogCursorTest, GetsOnWhereEachRecordTakesMoreThanASecond) {
  ReadSome();
  ASSERT_EQ(cursor.Begin(), Offset(9));
  ASSERT_FALSE(Accepts(RecordAt(9)));
  EXPECT_FALSE(Accepts(RecordAt(10), milliseconds(1'500)));
  EXPECT_TRUE(cursor.is_in_doubt()) << "the next pass would come no further, either";
  cursor.Confirm();
  ASSERT_EQ(cursor.Begin(), Offset(10));
  EXPECT_TRUE(Accepts(RecordAt(10), milliseconds(1'500)));
  EXPECT_FALSE(Accepts(RecordAt(11), milliseconds(1'500)));
  EXPECT_FALSE(cursor.is_in_doubt());
}

TEST_F(LogCursorTest, ReadsNoLongRunOfControlRecordsAgain) {
  ReadSome();
  ASSERT_EQ(cursor.Begin(), Offset(9));
  ASSERT_FALSE(Accepts(RecordAt(9)));
  cursor.Reached(Offset(9) + LogCursor::kMostReadAgain + 1);
  EXPECT_EQ(cursor.Begin(), std::nullopt);
  EXPECT_TRUE(cursor.is_in_doubt()) << "the owner compares it with the log";
}

TEST(LogCursor, BeginsWithTheRecordBelowItsStart) {
  LogCursor cursor(Offset(5), RecordAt(4));
  EXPECT_EQ(cursor.Begin(), Offset(4));
  EXPECT_FALSE(cursor.Accept(RecordAt(4, 2), {}));
  EXPECT_TRUE(cursor.is_in_doubt());
}

}  // namespace
}  // namespace consumer
