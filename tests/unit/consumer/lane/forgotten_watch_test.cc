#include "consumer/lane/forgotten_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace consumer {
namespace {

using std::chrono::seconds;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr seconds kPatience{60};

class ForgottenWatchTest : public ::testing::Test {
 protected:
  static ForgottenWatch::TimePoint At(int second) {
    return ForgottenWatch::TimePoint(seconds(second));
  }
  ForgottenWatch watch;
};

TEST_F(ForgottenWatchTest, FindsTransactionOpenAtSameOffsetForLong) {
  watch.SawOpen("processes", Partition(3), Offset(17), At(0));
  watch.SawOpen("processes", Partition(3), Offset(17), At(59));
  EXPECT_THAT(watch.Find(At(59), kPatience), IsEmpty());
  const auto standing = watch.Find(At(61), kPatience);
  ASSERT_THAT(standing, SizeIs(1));
  EXPECT_EQ(standing[0].topic, "processes");
  EXPECT_EQ(standing[0].partition, Partition(3));
  EXPECT_EQ(standing[0].at, Offset(17));
  EXPECT_EQ(standing[0].for_how_long, seconds(61));
}

TEST_F(ForgottenWatchTest, RestartsTimeForNextTransaction) {
  watch.SawOpen("seen", Partition(0), Offset(17), At(0));
  watch.SawOpen("seen", Partition(0), Offset(19), At(50));
  EXPECT_THAT(watch.Find(At(70), kPatience), IsEmpty());
  watch.SawClean("seen", Partition(0), At(90));
  watch.SawOpen("seen", Partition(0), Offset(19), At(100));
  EXPECT_THAT(watch.Find(At(120), kPatience), IsEmpty());
}

TEST_F(ForgottenWatchTest, KeepsStateAfterFailedLook) {
  watch.SawOpen("seen", Partition(0), Offset(17), At(0));
  watch.SawClean("seen", Partition(1), At(0));
  watch.SawClean("processes", Partition(0), At(0));
  EXPECT_THAT(watch.Find(At(60), kPatience), SizeIs(1));
  watch.Clear();
  EXPECT_THAT(watch.Find(At(60), kPatience), IsEmpty());
}

TEST_F(ForgottenWatchTest, HasSeenAllOnlyWhileEachPlaceAnswers) {
  constexpr seconds kWithin{15};
  EXPECT_FALSE(watch.HasSeenAll(At(0), kWithin)) << "nothing was looked at";
  watch.Watch({{"seen", Partition(0)}, {"dead", Partition(1)}});
  watch.SawClean("seen", Partition(0), At(0));
  EXPECT_FALSE(watch.HasSeenAll(At(0), kWithin)) << "one did not answer";
  watch.SawOpen("dead", Partition(1), Offset(7), At(5));
  EXPECT_TRUE(watch.HasSeenAll(At(15), kWithin));
  EXPECT_FALSE(watch.HasSeenAll(At(16), kWithin)) << "an old answer";
  watch.Watch({{"dead", Partition(1)}});
  EXPECT_TRUE(watch.HasSeenAll(At(16), kWithin)) << "the other place is watched no more";
  watch.Watch({{"seen", Partition(0)}, {"dead", Partition(1)}});
  EXPECT_FALSE(watch.HasSeenAll(At(16), kWithin)) << "and then again, without an answer since";
  watch.SawClean("seen", Partition(0), At(16));
  EXPECT_TRUE(watch.HasSeenAll(At(16), kWithin));
  watch.Clear();
  EXPECT_FALSE(watch.HasSeenAll(At(16), kWithin));
}

}  // namespace
}  // namespace consumer
