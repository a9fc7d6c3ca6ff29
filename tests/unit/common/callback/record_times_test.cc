#include "common/callback/record_times.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <ostream>
#include <string>
#include <utility>

namespace common {
namespace {

using namespace std::chrono_literals;
using std::chrono::hours;
using std::chrono::milliseconds;

constexpr WallTime kRecord{hours(480'000)};
constexpr hours kWindow{4};
constexpr hours kReach{48};

enum class By { kKafka, kSpool, kOperator, kSpoolAndOperator };

struct Row {
  const char* name;
  By by;
  std::optional<milliseconds> received;  ///< Before the record time.
  milliseconds judged;                   ///< Before the record time.
  milliseconds marked;                   ///< Before the record time.
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

class RecordTimesTable : public ::testing::TestWithParam<Row> {};

TEST_P(RecordTimesTable, GivesJudgedAndMarkedTimes) {
  const Row& row = GetParam();
  CallbackFacts facts;
  facts.is_spooled = row.by == By::kSpool || row.by == By::kSpoolAndOperator;
  facts.is_redriven = row.by == By::kOperator || row.by == By::kSpoolAndOperator;
  if (row.received) facts.received_at = kRecord - *row.received;
  EXPECT_EQ(TimesOf(facts, kRecord, kWindow, kReach),
            (RecordTimes{kRecord - row.judged, kRecord - row.marked}));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, RecordTimesTable,
    ::testing::Values(Row{"at_once", By::kKafka, 5ms, 0h, 0h},
                      Row{"just_within_the_window", By::kKafka, 4h - 1ms, 0h, 0h},
                      Row{"late_by_the_window", By::kKafka, 4h, 4h, 0h},
                      Row{"late_beyond_the_reach", By::kKafka, 99h, 48h, 0h},
                      Row{"from_a_clock_ahead", By::kKafka, -3h, 0h, 0h},
                      Row{"without_received_at", By::kKafka, {}, 0h, 0h},
                      Row{"spooled_for_a_moment", By::kSpool, 5ms, 5ms, 5ms},
                      Row{"spooled_within_the_window", By::kSpool, 3h, 3h, 3h},
                      Row{"spooled_for_longer", By::kSpool, 30h, 30h, 4h},
                      Row{"spooled_for_as_long_as_the_reach", By::kSpool, 48h, 48h, 4h},
                      Row{"spooled_beyond_the_reach", By::kSpool, 99h, 48h, 4h},
                      Row{"spooled_with_a_forged_time", By::kSpool, 480'000h, 48h, 4h},
                      Row{"spooled_by_a_clock_ahead", By::kSpool, -3h, 0h, 0h},
                      Row{"spooled_without_received_at", By::kSpool, {}, 0h, 0h},
                      Row{"redriven", By::kOperator, 30h, 0h, 0h},
                      Row{"redriven_after_the_spool", By::kSpoolAndOperator, 30h, 0h, 0h}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(WindowsOf, ReachAsFarAsMarkersDoUntilEventExpires) {
  const ProviderTable providers;
  const std::chrono::seconds reach = providers.DedupReach();
  CallbackFacts facts;
  facts.row = providers.Resolve("eid");
  const auto windows = [&](std::optional<WallTime> expires_at, bool has_event_identity) {
    facts.expires_at = expires_at;
    facts.event_identity = has_event_identity ? std::optional<Identity>(Identity()) : std::nullopt;
    const Windows of = WindowsOf(facts, kRecord, providers);
    return std::pair(of.identity, of.event);
  };
  using Pair = std::pair<std::chrono::seconds, std::chrono::seconds>;
  EXPECT_EQ(windows({}, true), Pair(hours(4), hours(4)));
  EXPECT_EQ(windows(kRecord, true), Pair(hours(4), hours(4))) << "expired";
  EXPECT_EQ(windows(kRecord + 1ms, true), Pair(hours(4), reach)) << "its fact has the row's window";
  EXPECT_EQ(windows(kRecord + 1ms, false), Pair(reach, reach)) << "known by one identity alone";
  EXPECT_EQ(windows(kRecord, false), Pair(hours(4), hours(4)));
}

}  // namespace
}  // namespace common
