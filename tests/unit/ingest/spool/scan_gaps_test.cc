#include "ingest/spool/scan_gaps.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <random>
#include <set>
#include <string>

namespace ingest {
namespace {

using Range = ScanGaps::Range;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::int64_t kLast = 1000;

/// Rows 1 to `last` on pages of ten rows; some pages are unreadable.
class ScanGapsTest : public ::testing::Test {
 protected:
  static std::int64_t PageOf(std::int64_t row) { return (row - 1) / 10; }

  ScanGaps::Reading Read(const Range& range, bool is_trial = false) {
    ++reads;
    ScanGaps::Reading reading{.passed = range.from - 1};
    for (std::int64_t row = range.from; row <= range.to; ++row) {
      if (bad_pages.contains(PageOf(row))) {
        reading.has_failed = true;
        return reading;
      }
      if (!is_trial) seen.insert(row);
      reading.passed = row;
    }
    return reading;
  }
  /// Scans to the end, with at most `most` reads.
  void Scan(int most = 1000) {
    for (std::int64_t from = 1; from <= last && most > 0; --most) {
      now += seconds(1);
      const Range range = gaps.Next(from, last);
      from = gaps.Passed(range, Read(range, gaps.is_trial()), now) + 1;
    }
  }
  void ReadGapsFor(seconds time) {
    for (const auto end = now + time; now < end; now += milliseconds(500)) {
      if (const auto due = gaps.Due(now)) gaps.PassedGap(*due, Read(*due), now);
    }
  }
  [[nodiscard]] std::set<std::int64_t> Readable() const {
    std::set<std::int64_t> rows;
    for (std::int64_t row = 1; row <= last; ++row) {
      if (!bad_pages.contains(PageOf(row))) rows.insert(row);
    }
    return rows;
  }

  std::int64_t last = kLast;
  std::set<std::int64_t> bad_pages;
  std::set<std::int64_t> seen;
  int reads = 0;
  ScanGaps gaps;
  ScanGaps::TimePoint now{seconds(1'000)};
};

TEST_F(ScanGapsTest, ReadAllRowsInOneScanWithoutErrors) {
  Scan();
  EXPECT_EQ(reads, 1);
  EXPECT_EQ(seen, Readable());
  EXPECT_EQ(gaps.places(), 0U);
}

TEST_F(ScanGapsTest, WaitAtAPlaceBeforeSkippingIt) {
  bad_pages = {3};
  Scan(1);
  EXPECT_EQ(*seen.rbegin(), 30);
  for (int i = 0; i < ScanGaps::kPatience; ++i) {
    EXPECT_EQ(gaps.Next(31, kLast), (Range{31, kLast})) << i;
    EXPECT_EQ(gaps.Passed({31, kLast}, Read({31, kLast}), now), 30);
  }
  EXPECT_EQ(gaps.Next(31, kLast), (Range{32, kLast}));
  EXPECT_TRUE(gaps.is_trial());
}

TEST_F(ScanGapsTest, SkipNoPlaceThatBecomesReadableInTime) {
  for (std::int64_t page = 3; page < 100; ++page) bad_pages.insert(page);
  Scan(20);
  bad_pages.clear();
  Scan();
  EXPECT_EQ(seen, Readable()) << "immediately and in order";
  EXPECT_EQ(gaps.places(), 0U);
}

TEST_F(ScanGapsTest, AreHalvedUntilOnlyUnreadableRowsAreLeft) {
  bad_pages = {3, 5};
  Scan();
  EXPECT_LT(seen.size(), Readable().size()) << "the gap extends beyond the page";
  ReadGapsFor(seconds(120));
  EXPECT_EQ(seen, Readable());
  EXPECT_EQ(gaps.places(), 2U);
  EXPECT_TRUE(gaps.Contains(31));
  EXPECT_TRUE(gaps.Contains(40));
  EXPECT_FALSE(gaps.Contains(41));
  reads = 0;
  ReadGapsFor(seconds(3'600));
  EXPECT_LE(reads, 2 * 3'600 / 300) << "seldom";
  bad_pages.clear();
  ReadGapsFor(seconds(700));
  EXPECT_EQ(seen, Readable());
  EXPECT_EQ(gaps.places(), 0U);
}

TEST_F(ScanGapsTest, AreRetriedSoonAfterTheyAreFound) {
  bad_pages = {3};
  Scan();
  ReadGapsFor(seconds(30));
  bad_pages.clear();
  ReadGapsFor(seconds(45));
  EXPECT_EQ(seen, Readable());
  EXPECT_EQ(gaps.places(), 0U);
}

TEST_F(ScanGapsTest, NeedAReadableRowBehindThem) {
  for (std::int64_t page = 5; page < 100; ++page) bad_pages.insert(page);
  Scan();
  EXPECT_EQ(*seen.rbegin(), 50);
  EXPECT_EQ(gaps.places(), 1U) << "which is reported anyway";
  EXPECT_FALSE(gaps.Due(now + seconds(1'000)));
  bad_pages.clear();
  Scan();
  EXPECT_EQ(seen, Readable());
  EXPECT_EQ(gaps.places(), 0U);
}

TEST_F(ScanGapsTest, HideNoReadableRowAmongManyPlaces) {
  last = 3000;
  for (std::int64_t page = 1; page < 290; page += 2) bad_pages.insert(page);
  Scan(10'000);
  ReadGapsFor(seconds(2'000));
  for (std::int64_t page = 1; page < 200; page += 2) bad_pages.erase(page);
  ReadGapsFor(seconds(8'000));
  EXPECT_EQ(seen, Readable());
}

TEST_F(ScanGapsTest, HideNoReadableRow) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 50; ++round) {
    gaps = {};
    seen.clear();
    bad_pages.clear();
    // Keeps the last page readable, because nothing reveals how far an unreadable last page
    // reaches.
    for (auto count = random() % 40; count > 0; --count) {
      bad_pages.insert(static_cast<std::int64_t>(random() % 99));
    }
    Scan();
    ReadGapsFor(seconds(4'000));
    EXPECT_EQ(seen, Readable()) << bad_pages.size() << " bad pages in round " << round;
    bad_pages.clear();
    ReadGapsFor(seconds(4'000));
    EXPECT_EQ(seen, Readable());
    EXPECT_EQ(gaps.places(), 0U);
  }
}

}  // namespace
}  // namespace ingest
