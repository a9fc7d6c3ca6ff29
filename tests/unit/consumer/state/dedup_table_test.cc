#include "consumer/state/dedup_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "tests/support/seed.h"

namespace consumer {
namespace {

using namespace std::chrono_literals;
using common::Identity;
using common::WallTime;

constexpr WallTime kNoon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + 12h};

Identity Numbered(std::uint64_t number) {
  return common::IdentityOfUnreadable("test", std::to_string(number));
}

struct WindowCase {
  const char* name;
  std::chrono::milliseconds marker;  // After noon.
  std::chrono::milliseconds record;
  std::chrono::seconds window;
  bool is_duplicate;
};
void PrintTo(const WindowCase& c, std::ostream* out) { *out << c.name; }

class DedupTableWindow : public testing::TestWithParam<WindowCase> {};

TEST_P(DedupTableWindow, UsesRecordTimeAndMayBeAnHourLonger) {
  const WindowCase& c = GetParam();
  DedupTable table;
  table.Insert(Numbered(1), kNoon + c.marker);
  EXPECT_EQ(table.Holds(Numbered(1), kNoon + c.record, c.window), c.is_duplicate);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, DedupTableWindow,
    testing::Values(WindowCase{"same_time", 0ms, 0ms, 1h, true},
                    WindowCase{"a_second_later", 0ms, 1s, 1h, true},
                    WindowCase{"just_inside", 0ms, 12h - 1ms, 12h, true},
                    WindowCase{"exactly_the_window_on_the_hour", 0ms, 12h, 12h, false},
                    WindowCase{"just_inside_from_just_after_the_hour", 1ms, 12h, 12h, true},
                    WindowCase{"at_most_an_hour_more", 1ms, 13h, 12h, false},
                    WindowCase{"an_hour_more_less_a_moment", 1ms, 13h - 1ms, 12h, true},
                    WindowCase{"just_inside_from_just_before_the_hour", 1h - 1ms, 13h - 2ms, 12h,
                               true},
                    WindowCase{"outside_from_just_before_the_hour", 1h - 1ms, 13h, 12h, false},
                    WindowCase{"record_older_than_its_marker", 5h, 0ms, 1h, true},
                    WindowCase{"record_years_older_than_its_marker", 20000h, 0ms, 1h, true},
                    WindowCase{"long_window", 0ms, 9 * 24h - 1s, 216h, true}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(DedupTable, IsEmptyAtFirst) {
  const DedupTable table;
  EXPECT_FALSE(table.Holds(Numbered(1), kNoon, 48h));
  EXPECT_EQ(table.size(), 0U);
  EXPECT_EQ(table.memory_bytes(), 0U);
}

TEST(DedupTable, DistinguishesIdentitiesByEachOfFirst112Bits) {
  const Identity original = Numbered(7);
  DedupTable table;
  table.Insert(original, kNoon);
  for (std::size_t bit = 0; bit < 112; ++bit) {
    Identity other = original;
    other.bytes[bit / 8] = static_cast<std::uint8_t>(other.bytes[bit / 8] ^ (1U << bit % 8));
    EXPECT_FALSE(table.Holds(other, kNoon, 48h)) << "bit " << bit;
    table.Insert(other, kNoon);
  }
  EXPECT_EQ(table.size(), 113U);
}

TEST(DedupTable, HoldsIdentityOfAllZeros) {
  DedupTable table;
  EXPECT_FALSE(table.Holds(Identity{}, kNoon, 1h));
  table.Insert(Identity{}, kNoon);
  EXPECT_TRUE(table.Holds(Identity{}, kNoon, 1h));
  EXPECT_EQ(table.size(), 1U);
}

TEST(DedupTable, KeepsLaterTimeOfKnownIdentity) {
  for (const bool later_first : {false, true}) {
    DedupTable table;
    table.Insert(Numbered(1), later_first ? kNoon + 5h : kNoon);
    table.Insert(Numbered(1), later_first ? kNoon : kNoon + 5h);
    EXPECT_EQ(table.size(), 1U);
    EXPECT_TRUE(table.Holds(Numbered(1), kNoon + 6h, 2h)) << "later first: " << later_first;
  }
}

TEST(DedupTable, ForgetsOnlyMarkersBeforeFloor) {
  DedupTable table;
  for (int hour = 0; hour < 10; ++hour) {
    table.Insert(Numbered(static_cast<std::uint64_t>(hour)), kNoon + hour * 1h);
  }
  table.RaiseFloor(kNoon + 4h + 1min);
  for (int hour = 0; hour < 10; ++hour) {
    EXPECT_EQ(table.Holds(Numbered(static_cast<std::uint64_t>(hour)), kNoon + 10h, 1000h),
              hour >= 4)
        << "hour " << hour;
  }
}

TEST(DedupTable, NeverForgetsMarkerAtOrAfterFloor) {
  for (const auto offset : {0ms, 1ms, 59min + 59s + 999ms, 0ms + 1h}) {
    DedupTable table;
    table.Insert(Numbered(1), kNoon + offset);
    table.RaiseFloor(kNoon + offset);
    EXPECT_TRUE(table.Holds(Numbered(1), kNoon + 2h, 48h)) << offset.count();
  }
}

TEST(DedupTable, NeverLowersItsFloor) {
  DedupTable table;
  table.RaiseFloor(kNoon);
  table.RaiseFloor(kNoon - 10h);
  table.Insert(Numbered(1), kNoon - 5h);
  EXPECT_FALSE(table.Holds(Numbered(1), kNoon, 48h));
}

TEST(DedupTable, AcceptsIdentityAgainAfterFloorPassedIt) {
  DedupTable table;
  table.Insert(Numbered(1), kNoon);
  table.Insert(Numbered(2), kNoon + 50h);
  table.RaiseFloor(kNoon + 40h);
  ASSERT_FALSE(table.Holds(Numbered(1), kNoon + 50h, 100h));
  table.Insert(Numbered(1), kNoon + 50h);
  EXPECT_TRUE(table.Holds(Numbered(1), kNoon + 50h, 100h));
}

TEST(DedupTable, FreesMemoryOnceAllMarkersHaveExpired) {
  DedupTable table;
  for (std::uint64_t i = 0; i < 10'000; ++i) table.Insert(Numbered(i), kNoon);
  table.RaiseFloor(kNoon + 2h);
  EXPECT_EQ(table.size(), 0U);
  EXPECT_EQ(table.memory_bytes(), 0U);
  table.Insert(Numbered(1), kNoon + 3h);
  EXPECT_TRUE(table.Holds(Numbered(1), kNoon + 3h, 1h));
}

TEST(DedupTable, Uses20To24BytesPerKey) {
  DedupTable table;
  for (std::uint64_t i = 1; i <= 50'000; ++i) {
    table.Insert(Numbered(i), kNoon);
    if (i < 1'000) continue;
    const double bytes_per_key =
        static_cast<double>(table.memory_bytes()) / static_cast<double>(table.size());
    ASSERT_GE(bytes_per_key, 20.0) << i;  // A load of at most 0.8.
    ASSERT_LE(bytes_per_key, 24.1) << i;
  }
}

TEST(DedupTable, StaysBoundedByWindowWhileKeysComeAndExpire) {
  constexpr std::uint64_t kPerHour = 100;
  constexpr std::uint64_t kWindow = 48;
  DedupTable table;
  for (std::uint64_t i = 0; i < kPerHour * kWindow * 10; ++i) {
    const WallTime now = kNoon + std::chrono::hours(i / kPerHour);
    table.Insert(Numbered(i), now);
    table.RaiseFloor(now - std::chrono::hours(kWindow));
  }
  constexpr std::uint64_t kLive = kPerHour * (kWindow + 1);
  EXPECT_GE(table.size(), kLive);
  EXPECT_LE(table.size(), kLive * 12 / 10 + 1);
  EXPECT_LE(table.memory_bytes(), kLive * 24 + 100);
}

TEST(DedupTable, SurvivesOverflowOfSixteenBitHours) {
  DedupTable table;
  for (int year = 0; year < 30; ++year) {
    const WallTime now = kNoon + year * 365 * 24h;
    table.Insert(Numbered(static_cast<std::uint64_t>(year)), now);
    EXPECT_TRUE(table.Holds(Numbered(static_cast<std::uint64_t>(year)), now + 47h, 48h)) << year;
    EXPECT_FALSE(table.Holds(Numbered(static_cast<std::uint64_t>(year)), now + 49h, 48h)) << year;
    if (year > 0) {
      EXPECT_FALSE(table.Holds(Numbered(static_cast<std::uint64_t>(year) - 1), now, 48h)) << year;
    }
  }
}

TEST(DedupTable, KeepsMarkersDespiteTimestampFromFarFuture) {
  DedupTable table;
  table.Insert(Numbered(1), kNoon);
  table.Insert(Numbered(2), kNoon + 80 * 365 * 24h);
  table.Insert(Numbered(3), kNoon + 1h);
  EXPECT_TRUE(table.Holds(Numbered(1), kNoon + 1h, 48h));
  EXPECT_TRUE(table.Holds(Numbered(2), kNoon + 1h, 48h));
  EXPECT_TRUE(table.Holds(Numbered(3), kNoon + 1h, 48h));
}

TEST(DedupTable, KeepsMarkersDespiteTimestampFromDistantPast) {
  DedupTable table;
  table.Insert(Numbered(1), kNoon);
  table.Insert(Numbered(2), WallTime{});  // 1970
  for (std::uint64_t number = 3; number < 200; ++number) {
    table.Insert(Numbered(number), number % 2 == 0 ? WallTime{} : kNoon);
  }
  table.RaiseFloor(kNoon - 49h);
  for (std::uint64_t number = 1; number < 200; number += 2) {
    EXPECT_TRUE(table.Holds(Numbered(number), kNoon + 1h, 48h)) << number;
  }
}

/// The same contract as an exact map. It may differ from the table only through the rounding to
/// hours.
class ExactModel {
 public:
  void Insert(const Identity& identity, WallTime time) {
    if (time < floor_) return;
    const auto [entry, is_new] = markers_.emplace(identity, time);
    if (!is_new) entry->second = std::max(entry->second, time);
  }
  void RaiseFloor(WallTime floor) { floor_ = std::max(floor_, floor); }

  [[nodiscard]] bool MustHold(const Identity& identity, WallTime time,
                              std::chrono::seconds window) const {
    const auto marker = markers_.find(identity);
    return marker != markers_.end() && marker->second >= floor_ && time - marker->second < window;
  }
  [[nodiscard]] bool MayHold(const Identity& identity, WallTime time,
                             std::chrono::seconds window) const {
    const auto marker = markers_.find(identity);
    return marker != markers_.end() && marker->second > floor_ - 2h &&
           time - marker->second < window + 1h;
  }

 private:
  std::unordered_map<Identity, WallTime> markers_;
  WallTime floor_ = WallTime::min() + 24h;
};

TEST(DedupTable, MatchesExactModel) {
  const auto seed = tests::Seed();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  RecordProperty("seed", std::to_string(seed));
  std::mt19937_64 random(seed);
  const auto draw = [&](std::uint64_t below) { return random() % below; };

  std::vector<Identity> identities;
  for (std::uint64_t i = 0; i < 3'000; ++i) identities.push_back(Numbered(i));
  // Neighbours that probe into each other, also around the end of the table.
  for (std::uint64_t i = 0; i < 300; ++i) {
    Identity crowded = Numbered(i);
    std::fill_n(crowded.bytes.begin(), 4, i % 2 == 0 ? std::uint8_t{0x80} : std::uint8_t{0xff});
    identities.push_back(crowded);
  }

  DedupTable table;
  ExactModel model;
  WallTime now = kNoon;
  for (int step = 0; step < 100'000; ++step) {
    now += std::chrono::milliseconds(draw(60'000));
    const Identity& identity = identities[draw(identities.size())];
    const WallTime time = now - std::chrono::minutes(draw(300));
    const std::chrono::seconds window = std::chrono::hours(1 + draw(60));
    if (model.MustHold(identity, time, window)) {
      ASSERT_TRUE(table.Holds(identity, time, window)) << "step " << step;
    }
    if (!model.MayHold(identity, time, window)) {
      ASSERT_FALSE(table.Holds(identity, time, window)) << "step " << step;
    }
    if (draw(3) == 0) {
      table.Insert(identity, time);
      model.Insert(identity, time);
    }
    if (draw(500) == 0) {
      table.RaiseFloor(now - 48h);
      model.RaiseFloor(now - 48h);
    }
  }
}

}  // namespace
}  // namespace consumer
