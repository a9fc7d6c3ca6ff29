#include "consumer/lane/lane_meter.h"

#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>

namespace consumer {
namespace {

using std::chrono::milliseconds;

/// A lane of two partitions with three callbacks in hand, whose log is known.
LaneReading Normal() {
  return {.is_in_group = true,
          .partitions = 2,
          .since_assigned = milliseconds(500),
          .pending = 3,
          .oldest_age = milliseconds(70),
          .lag = 10,
          .unread = UnreadPartitions{},
          .forgotten = ForgottenPlaces{{"processes", Partition(3)}}};
}
LaneReading Spare() {
  LaneReading reading = Normal();
  reading.partitions = 0;
  reading.pending = 0;
  reading.oldest_age = milliseconds(0);
  reading.lag = 0;
  reading.forgotten.reset();
  return reading;
}

LaneReading With(LaneReading reading, const std::function<void(LaneReading&)>& change) {
  change(reading);
  return reading;
}

template <typename T>
std::string Show(const std::optional<T>& figure) {
  if (!figure) return "-";
  if constexpr (std::is_integral_v<T>) {
    return std::to_string(*figure);
  } else {
    return std::to_string(figure->count());
  }
}

struct GaugesCase {
  const char* name;
  LaneReading reading;
  const char* known;
};
void PrintTo(const GaugesCase& c, std::ostream* out) { *out << c.name; }

class KnownGauges : public ::testing::TestWithParam<GaugesCase> {};

TEST_P(KnownGauges, OmitGaugesWithoutEvidence) {
  const LaneGauges gauges = GaugesOf(GetParam().reading);
  EXPECT_EQ("lag " + Show(gauges.lag) + " unread " + Show(gauges.unread) + " oldest " +
                Show(gauges.oldest_pending_age) + " forgotten " +
                (gauges.forgotten ? std::to_string(gauges.forgotten->size()) : "-"),
            GetParam().known);
}

INSTANTIATE_TEST_SUITE_P(
    Table, KnownGauges,
    ::testing::Values(
        GaugesCase{"AllOfThem", Normal(), "lag 10 unread - oldest 70 forgotten 1"},
        GaugesCase{"OutOfTheGroup", With(Normal(), [](auto& r) { r.is_in_group = false; }),
                   "lag - unread - oldest 70 forgotten 1"},
        GaugesCase{"LogNotLookedUp", With(Normal(), [](auto& r) { r.lag.reset(); }),
                   "lag - unread - oldest 70 forgotten 1"},
        GaugesCase{"LogNotLookedUpAndNothingPending",
                   With(Normal(),
                        [](auto& r) {
                          r.lag.reset();
                          r.pending = 0;
                        }),
                   "lag - unread - oldest - forgotten 1"},
        GaugesCase{
            "UnreadPartitionsOfTheGroup",
            With(Normal(),
                 [](auto& r) { r.unread = {.count = 2, .lag = 5, .is_ours_to_tell = true}; }),
            "lag 15 unread 2 oldest 70 forgotten 1"},
        GaugesCase{"UnreadPartitionsThatAnotherTells",
                   With(Normal(), [](auto& r) { r.unread = {.count = 2, .lag = 5}; }),
                   "lag 10 unread - oldest 70 forgotten 1"},
        GaugesCase{"UnreadPartitionsOfUnknownLag",
                   With(Normal(),
                        [](auto& r) {
                          r.unread = {.count = 2, .lag = std::nullopt, .is_ours_to_tell = true};
                        }),
                   "lag - unread 2 oldest 70 forgotten 1"},
        GaugesCase{"UnreadPartitionsWithoutALag",
                   With(Normal(),
                        [](auto& r) {
                          r.lag.reset();
                          r.unread = {.count = 2, .lag = 5, .is_ours_to_tell = true};
                        }),
                   "lag - unread 2 oldest 70 forgotten 1"},
        GaugesCase{"Spare", Spare(), "lag 0 unread - oldest 0 forgotten 0"},
        GaugesCase{"SpareOfAnUnknownGroup", With(Spare(), [](auto& r) { r.unread.reset(); }),
                   "lag - unread - oldest - forgotten 0"}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(LaneGauges, TellTimeOfRestoreOnlyWhileRestoring) {
  LaneReading reading = Normal();
  EXPECT_EQ(GaugesOf(reading).restoring_for, milliseconds(0));
  reading.restoring = 1;
  EXPECT_EQ(GaugesOf(reading).restoring_for, milliseconds(500));
}

struct ExpectedCase {
  const char* name;
  std::function<void(LaneReading&)> change;
  const char* known;
};
void PrintTo(const ExpectedCase& c, std::ostream* out) { *out << c.name; }

class KnownExpected : public ::testing::TestWithParam<ExpectedCase> {};

TEST_P(KnownExpected, IsCountedOnlyIfWhole) {
  LaneReading reading = Normal();
  reading.expected = ExpectedCounts{
      .waiting = 4, .due = 2, .read_age = milliseconds(30), .due_age = milliseconds(20)};
  GetParam().change(reading);
  const LaneGauges gauges = GaugesOf(reading);
  EXPECT_EQ("waiting " + Show(gauges.expected_waiting) + " due " + Show(gauges.expected_due) +
                " read " + Show(gauges.expected_read_age) + " due for " +
                Show(gauges.expected_due_age),
            GetParam().known);
}

INSTANTIATE_TEST_SUITE_P(
    Table, KnownExpected,
    ::testing::Values(ExpectedCase{"Whole", [](auto&) {}, "waiting 4 due 2 read 30 due for 20"},
                      ExpectedCase{"NotWatched", [](auto& r) { r.expected.reset(); },
                                   "waiting - due - read - due for -"},
                      ExpectedCase{"AnnouncementsNotRead",
                                   [](auto& r) { r.expected->is_whole = false; },
                                   "waiting - due - read 30 due for 20"},
                      ExpectedCase{"Restoring", [](auto& r) { r.restoring = 1; },
                                   "waiting - due - read 30 due for 20"},
                      ExpectedCase{"OutOfTheGroup", [](auto& r) { r.is_in_group = false; },
                                   "waiting - due - read 30 due for 20"}),
    [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace consumer
