#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "ingest/spool/replay.h"
#include "tests/unit/ingest/spool/replay_fixture.h"

// Replay with readable and unreadable rows.
namespace ingest {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

TEST_F(ReplayTest, FindsLaterCallbacks) {
  LetFlow();
  Hold({"a"});
  Store(Turn(0), 5);
  Hold({"b"});
  EXPECT_THAT(Turn(200), ElementsAre("3:b"));
}

TEST_F(ReplayTest, RetriesAfterAReadError) {
  Hold({"a"});
  source.is_scannable = false;
  EXPECT_FALSE(replay.RunTurn(At(0), Never()));
  EXPECT_EQ(replay.next_turn(), At(1000));
  source.is_scannable = true;
  EXPECT_THAT(Turn(1000), ElementsAre("1:a"));
}

TEST_F(ReplayTest, SkipsAnUnreadableCallback) {
  partitions = 3;
  const std::string a = KeyOf(0, 3);
  const std::string b = KeyOf(1, 3);
  const std::string c = KeyOf(0, 3, 1);
  Hold({a, b, a, c});
  source.unreadable = {1};
  std::set<std::string> stored;
  std::vector<std::string> errors;
  for (int now = 0; now < 10'000; now += 10) {
    while (replay.next_turn() <= At(now)) {
      const auto turned = replay.RunTurn(At(now), Never());
      if (!turned) errors.push_back(turned.error().detail);
    }
    for (const std::string& body : kafka.TakeOffered()) {
      stored.insert(body);
      Report(body, StorageOutcome::kStored, now);
    }
  }
  EXPECT_THAT(stored, UnorderedElementsAre("2:" + b, "4:" + c))
      << "3 waits for 1, which has the same key";
  EXPECT_THAT(errors, ElementsAre("read 1", "read 1", "read 1", "read 1"))
      << "each wait must be longer";
  source.unreadable.clear();
  EXPECT_THAT(Turn(20'000), ElementsAre("1:" + a));
}

TEST_F(ReplayTest, ProbesWithAnotherCallbackIfOneIsUnreadable) {
  Hold({"a", "b"});
  source.unreadable = {1};
  Turn(0);
  EXPECT_THAT(Turn(1000), ElementsAre("2:b"));
}

TEST_F(ReplayTest, OffersOthersIfASingleCallbackIsUnreadable) {
  LetFlow();
  Hold({"a", "b"});
  Turn(0);
  source.unreadable = {2};
  for (const char* body : {"2:a", "3:b"}) Report(body, StorageOutcome::kRefused, 5, true);
  Turn(5);
  EXPECT_THAT(Turn(1005), ElementsAre("3:b"));
}

TEST_F(ReplayTest, OffersKnownCallbacksWhileAScanFails) {
  LetFlow();
  Hold({"a", "b", "a", "b"});
  EXPECT_THAT(Turn(0), ElementsAre("2:a", "3:b"));
  Hold({"c"});
  source.is_scannable = false;
  Store({"2:a", "3:b"}, 5);
  const auto turned = replay.RunTurn(At(5), Never());
  ASSERT_FALSE(turned);
  EXPECT_EQ(turned.error().detail, "scan");
  EXPECT_THAT(kafka.TakeOffered(), ElementsAre("4:a", "5:b"));
  EXPECT_EQ(replay.next_turn(), At(1005));
  source.is_scannable = true;
  EXPECT_THAT(Turn(1005), ElementsAre("6:c"));
}

TEST_F(ReplayTest, ReportsUnreadableCallbacksOncePerRound) {
  LetFlow();
  Hold({"a", "b", "c", "d"});
  source.unreadable = {2, 4};
  const auto turned = replay.RunTurn(At(0), Never());
  ASSERT_FALSE(turned);
  EXPECT_EQ(turned.error().detail, "read 2");
  EXPECT_THAT(kafka.TakeOffered(), ElementsAre("3:b", "5:d"));
}

TEST_F(ReplayTest, EndsARoundWhenTheFileIsClosed) {
  LetFlow();
  Hold({"a", "b", "c"});
  kafka.is_away = true;
  Turn(0);
  kafka.is_away = false;
  source.is_open = false;
  const std::size_t reads = source.reads;
  EXPECT_THAT(Turn(1000), IsEmpty());
  EXPECT_LE(source.reads, reads + 1);
  source.is_open = true;
  EXPECT_THAT(Turn(2000), ElementsAre("2:a", "3:b", "4:c")) << "no row itself has failed";
}

TEST_F(ReplayTest, SkipsRemovedCallbacks) {
  Hold({"a", "b", "c"});
  EXPECT_THAT(Turn(0), ElementsAre("1:a"));
  source.rows.erase(2);
  Store({"1:a"}, 5);
  EXPECT_THAT(Turn(5), ElementsAre("3:c"));
}

TEST_F(ReplayTest, ScansEachRowAboutOnce) {
  partitions = 12;
  constexpr int kRows = 60'000;
  for (int i = 0; i < kRows; ++i) source.Hold("key " + std::to_string(i));
  int now = 0;
  for (; !source.rows.empty() && now < 600'000; now += 5) {
    for (const std::string& body : Turn(now)) Report(body, StorageOutcome::kStored, now);
    RemoveStored();
  }
  EXPECT_TRUE(source.rows.empty());
  EXPECT_LT(source.scanned, 4U * kRows);
}

TEST_F(ReplayTest, SkipsUnscannableRowsAndReturnsToThem) {
  partitions = 3;
  constexpr int kRows = 300;
  for (int i = 0; i < kRows; ++i) source.Hold("k" + std::to_string(i));
  for (std::int64_t row = 100; row < 140; ++row) source.unscannable.insert(row);
  for (std::int64_t row = 220; row < 223; ++row) source.unscannable.insert(row);
  std::set<std::string> stored;
  const auto run = [&](int from, int to) {
    for (int now = from; now < to; now += 50) {
      for (const std::string& body : Turn(now)) {
        EXPECT_TRUE(stored.insert(body).second) << body << " is offered twice";
        Report(body, StorageOutcome::kStored, now);
      }
    }
  };
  run(0, 30'000);
  EXPECT_EQ(stored.size(), kRows - 43U);
  EXPECT_EQ(replay.unreadable(), 2U) << "two separate places";
  const std::size_t scans = source.scans;
  run(30'000, 1'200'000);
  EXPECT_LT(source.scans - scans, 100U) << "retries must be rare";
  source.unscannable.clear();
  run(1'200'000, 2'000'000);
  EXPECT_EQ(stored.size(), static_cast<std::size_t>(kRows));
  EXPECT_EQ(replay.unreadable(), 0U);
}

TEST_F(ReplayTest, SkipsNothingWhileNothingIsReadable) {
  for (int i = 0; i < 50; ++i) source.Hold("key");
  source.is_scannable = false;
  for (int now = 0; now < 60'000; now += 50) EXPECT_THAT(Turn(now), IsEmpty());
  EXPECT_EQ(replay.unreadable(), 1U);
  source.is_scannable = true;
  std::vector<std::string> stored;
  for (int now = 60'000; now < 80'000; now += 50) {
    for (const std::string& body : Turn(now)) {
      stored.push_back(body);
      Report(body, StorageOutcome::kStored, now);
    }
  }
  ASSERT_EQ(stored.size(), 50U);
  for (std::size_t i = 0; i < stored.size(); ++i) {
    EXPECT_EQ(stored[i], std::to_string(i + 1) + ":key") << "in order";
  }
  EXPECT_EQ(replay.unreadable(), 0U);
}

TEST_F(ReplayTest, SkipsAnUnscannablePlacePerPartition) {
  partitions = 2;
  // Replay knows only as many rows of a blocked partition as fit, and its scan continues from
  // there.
  for (int i = 0; i < 6000; ++i) source.Hold(KeyOf(0, 2, i % 10));
  source.unscannable = {4000};
  for (int i = 0; i < 100; ++i) source.Hold(KeyOf(1, 2, i % 10));
  source.unscannable.insert(6050);
  std::size_t stored = 0;
  for (int now = 0; now < 60'000; now += 50) {
    for (const std::string& body : Turn(now)) {
      Report(body, StorageOutcome::kStored, now);
      ++stored;
    }
  }
  EXPECT_EQ(stored, 6098U);
}

TEST_F(ReplayTest, EndsARoundAtItsDeadlineAfterOneCallback) {
  LetFlow();
  Hold({"a", "b", "c"});
  const common::Deadline passed(Replay::TimePoint{});
  ASSERT_TRUE(replay.RunTurn(At(0), passed));
  EXPECT_THAT(kafka.TakeOffered(), ElementsAre("2:a"));
  EXPECT_LE(replay.next_turn(), At(0)) << "the others follow immediately";
  EXPECT_THAT(Turn(0), ElementsAre("3:b", "4:c"));
}

}  // namespace
}  // namespace ingest
