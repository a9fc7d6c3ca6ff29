#include "consumer/kafka/kept_markers.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>

namespace consumer {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

common::WallTime At(int hour) { return common::WallTime(hours(500'000 + hour)); }

MarkersRead ReadTo(std::int64_t last) {
  return {.origin = {.from = Offset(10),
                     .floor = At(0),
                     .partitions = 12,
                     .last = {Offset(last), At(5), "key"}},
          .table = {},
          .published_until = At(4)};
}

class KeptMarkersTest : public ::testing::Test {
 protected:
  /// "to 20", or "-" for none.
  std::string TakenFor(const KeptMarkers::Wanted& wanted) {
    KeptMarkers kept;
    kept.Keep(Partition(0), ReadTo(20), now);
    const auto taken = kept.Take(Partition(0), wanted);
    return taken ? "to " + ToText(taken->origin.last.offset) : "-";
  }
  const KeptMarkers::TimePoint now{hours(1)};
  const KeptMarkers::Wanted same{.from = Offset(10), .floor = At(0), .partitions = 12};
};

TEST_F(KeptMarkersTest, AreReadOnByTheSameRestore) { EXPECT_EQ(TakenFor(same), "to 20"); }

TEST_F(KeptMarkersTest, AreReadOnByARestoreThatBeginsLater) {
  auto wanted = same;
  wanted.from = Offset(15);
  wanted.floor = At(1);
  EXPECT_EQ(TakenFor(wanted), "to 20");
}

TEST_F(KeptMarkersTest, AreNoUseToARestoreThatWantsEarlierOnes) {
  auto wanted = same;
  wanted.from = Offset(9);
  EXPECT_EQ(TakenFor(wanted), "-");
  wanted = same;
  wanted.floor = At(-1);
  EXPECT_EQ(TakenFor(wanted), "-");
}

TEST_F(KeptMarkersTest, AreNoUseBelowTheBegin) {
  auto wanted = same;
  wanted.from = Offset(21);
  EXPECT_EQ(TakenFor(wanted), "-");
}

TEST_F(KeptMarkersTest, AreNoUseAmongAnotherNumberOfPartitions) {
  auto wanted = same;
  wanted.partitions = 24;
  EXPECT_EQ(TakenFor(wanted), "-");
}

TEST_F(KeptMarkersTest, AreFromTheAttemptThatReadFurther) {
  KeptMarkers kept;
  kept.Keep(Partition(0), ReadTo(20), now);
  kept.Keep(Partition(0), ReadTo(15), now);
  kept.Keep(Partition(1), ReadTo(15), now);
  kept.Keep(Partition(1), ReadTo(25), now);
  EXPECT_EQ(kept.Take(Partition(0), same)->origin.last.offset, Offset(20));
  EXPECT_EQ(kept.Take(Partition(1), same)->origin.last.offset, Offset(25));
  EXPECT_FALSE(kept.Take(Partition(1), same)) << "taken once";
}

TEST_F(KeptMarkersTest, AreDroppedWhenOrderedOrOld) {
  KeptMarkers kept;
  kept.Keep(Partition(0), ReadTo(20), now);
  kept.Keep(Partition(1), ReadTo(20), now);
  kept.Keep(Partition(2), ReadTo(20), now + minutes(2));
  kept.Drop({Partition(0)});
  kept.DropOld(now + minutes(3));
  EXPECT_FALSE(kept.Take(Partition(0), same));
  EXPECT_FALSE(kept.Take(Partition(1), same));
  EXPECT_TRUE(kept.Take(Partition(2), same));
}

}  // namespace
}  // namespace consumer
