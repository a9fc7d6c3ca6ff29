#include "ingest/spool/unremovable_rows.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <vector>

namespace ingest {
namespace {

using namespace std::chrono_literals;
using Seconds = std::chrono::seconds;

/// A file in which some rows cannot be removed.
class UnreadableFile {
 public:
  explicit UnreadableFile(std::int64_t rows) {
    for (std::int64_t i = 1; i <= rows; ++i) rows_.Insert(i);
  }

  void MakeReadable() { is_readable_ = true; }
  void MakeReadable(std::int64_t row) { readable_ = row; }

  /// Looks each second until `end`, as the spool does, and returns when rows were tried.
  std::vector<Seconds> LookUntil(Seconds end) {
    std::vector<Seconds> tried_at;
    for (; at_ < end; ++at_) {
      const SequenceSet due = rows_.TakeDue(UnremovableRows::TimePoint(at_));
      if (due.empty()) continue;
      tried_at.push_back(at_);
      for (const SequenceRange& range : due.First(due.size())) Try(range);
    }
    return tried_at;
  }

  [[nodiscard]] std::size_t tries() const { return tries_; }
  UnremovableRows& rows() { return rows_; }

 private:
  void Try(const SequenceRange& range) {
    for (std::int64_t at = range.from; at <= range.to; ++at) {
      ++tries_;
      if (is_readable_ || at == readable_) {
        rows_.Removed({.from = at, .to = at});
      } else {
        rows_.Insert(at);
      }
    }
  }

  UnremovableRows rows_;
  Seconds at_{};
  std::size_t tries_ = 0;
  bool is_readable_ = false;
  std::int64_t readable_ = 0;  ///< One row that can be removed; none is 0.
};

TEST(UnremovableRows, AreTriedLessAndLessOftenWhileNoneCanBeRemoved) {
  UnreadableFile file(3);
  EXPECT_EQ(file.LookUntil(700s), (std::vector<Seconds>{10s, 31s, 72s, 153s, 314s, 635s}));
  EXPECT_EQ(file.LookUntil(2000s), (std::vector<Seconds>{1236s, 1837s}));
}

TEST(UnremovableRows, BoundTheTriesOfADayForAMillionRows) {
  UnreadableFile file(1'000'000);
  EXPECT_EQ(file.LookUntil(24h).size(), 148U);
  EXPECT_EQ(file.tries(), 148 * UnremovableRows::kFirstSample);
}

TEST(UnremovableRows, AreAllRemovedWithinSecondsOfTheFirst) {
  UnreadableFile file(1'000'000);
  file.LookUntil(100s);
  file.MakeReadable();
  EXPECT_EQ(file.LookUntil(24h), (std::vector<Seconds>{153s, 154s, 155s, 156s, 157s, 158s}));
  EXPECT_EQ(file.rows().size(), 0U);
}

TEST(UnremovableRows, ReachEachRowInTurn) {
  UnreadableFile file(5'000);
  file.MakeReadable(4'990);
  file.LookUntil(2h);
  EXPECT_FALSE(file.rows().Contains(4'990));
  EXPECT_EQ(file.rows().size(), 4'999U);
}

TEST(UnremovableRows, StartNoAttemptBeforeTheLastHasEnded) {
  UnremovableRows rows;
  rows.Insert(7);
  EXPECT_TRUE(rows.TakeDue(UnremovableRows::TimePoint(0s)).empty());
  EXPECT_EQ(rows.TakeDue(UnremovableRows::TimePoint(10s)).size(), 1U);
  rows.Insert(8);
  EXPECT_TRUE(rows.TakeDue(UnremovableRows::TimePoint(1h)).empty()) << "7 has not come back";
  rows.Insert(7);
  EXPECT_TRUE(rows.TakeDue(UnremovableRows::TimePoint(1h)).empty()) << "the wait begins";
  const SequenceSet due = rows.TakeDue(UnremovableRows::TimePoint(1h + 20s));
  EXPECT_TRUE(due.Contains(8)) << "7 was tried before";
}

TEST(UnremovableRows, ForgetsRowsThatTheFileDoesNotHave) {
  UnremovableRows rows;
  rows.Insert(7);
  rows.TakeDue(UnremovableRows::TimePoint(0s));
  rows.TakeDue(UnremovableRows::TimePoint(10s));
  rows.Erase({.from = 0, .to = 100});
  rows.Insert(101);
  EXPECT_TRUE(rows.TakeDue(UnremovableRows::TimePoint(11s)).empty());
  EXPECT_EQ(rows.TakeDue(UnremovableRows::TimePoint(31s)).size(), 1U) << "of the new file";
}

}  // namespace
}  // namespace ingest
