#include "ingest/spool/log_lap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "tests/component/ingest/spool/spool_samples.h"
#include "tests/support/temp_directory.h"

// Tells which file a write-ahead log belongs to, with files that SQLite has made.
namespace ingest {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;

class LogLapTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::string At(const std::string& name) const {
    return (directory.path() / name).string();
  }
  /// Makes a settled file, writes `count` callbacks to its log, and copies both as a kill would
  /// leave them.
  void MakeKilled(const std::string& name, int first, int count) const {
    auto database = SpoolDatabase::Open({.path = At("live"), .long_log = 8});
    ASSERT_TRUE(database) << database.error().detail;
    ASSERT_TRUE((*database)->SettleLog());
    for (int i = 0; i < count; ++i) {
      SpooledCallback callback = SampleCallback("key-" + std::to_string(first + i));
      callback.sequence = first + i;
      ASSERT_TRUE((*database)->Append({&callback, 1}));
    }
    CopyBoth("live", name);
  }
  void CopyBoth(const std::string& from, const std::string& to) const {
    fs::copy_file(At(from), At(to), fs::copy_options::overwrite_existing);
    fs::copy_file(LogOf(At(from)), LogOf(At(to)), fs::copy_options::overwrite_existing);
  }
  [[nodiscard]] std::optional<std::uint32_t> FileLap(const std::string& name) const {
    return LapOfFile(tests::ReadFile(At(name)));
  }
  [[nodiscard]] LogStart Log(const std::string& name) const {
    return StartOfLog(tests::ReadFile(LogOf(At(name))));
  }
  /// Another program executes `sql` on the file.
  void Run(const std::string& name, const std::string& sql) const {
    sqlite3* other = nullptr;
    ASSERT_EQ(sqlite3_open(At(name).c_str(), &other), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(other, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(other);
    sqlite3_close(other);
  }

  tests::TempDirectory directory;
};

TEST_F(LogLapTest, GivesEachLogTheNextLapOfItsFile) {
  MakeKilled("a", 1, 1);
  ASSERT_TRUE(FileLap("a"));
  EXPECT_TRUE(HasLap(*FileLap("a")));
  EXPECT_EQ(Log("a").lap, *FileLap("a") + 1);
  auto database = SpoolDatabase::Open({.path = At("live"), .long_log = 8});
  ASSERT_TRUE(database);
  ASSERT_TRUE((*database)->SettleLog());
  std::uint32_t lap = *FileLap("live");
  for (std::int64_t sequence = 10; sequence < 60; ++sequence) {
    SpooledCallback callback = SampleCallback("key");
    callback.sequence = sequence;
    ASSERT_TRUE((*database)->Append({&callback, 1}));
    EXPECT_FALSE(HasForeignLog(At("live"))) << sequence;
    ASSERT_TRUE((*database)->ShortenLog());
    EXPECT_FALSE(HasForeignLog(At("live"))) << sequence << ", moved";
    ASSERT_TRUE(Log("live").lap);
    EXPECT_LE(*Log("live").lap - lap, 1U);
    lap = *Log("live").lap;
  }
  EXPECT_GT(lap, *FileLap("a") + 5) << "of several logs";
}

TEST_F(LogLapTest, OpensAFileWithItsOwnLog) {
  MakeKilled("a", 1, 3);
  EXPECT_FALSE(HasForeignLog(At("a")));
  EXPECT_THAT(KeysOf(ReadSpool({.path = At("a")})), ElementsAre("key-1", "key-2", "key-3"));
}

TEST_F(LogLapTest, RejectsAndKeepsALogOfAnotherFile) {
  MakeKilled("a", 1, 3);
  const std::string log = tests::ReadFile(LogOf(At("a")));
  fs::remove(At("live"));
  fs::remove(LogOf(At("live")));
  MakeKilled("b", 7, 2);
  fs::copy_file(At("b"), At("a"), fs::copy_options::overwrite_existing);
  const std::string file = tests::ReadFile(At("a"));
  const auto opened = SpoolDatabase::Open({.path = At("a")});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().detail, ForeignLogError().detail);
  EXPECT_EQ(tests::ReadFile(At("a")), file);
  EXPECT_EQ(tests::ReadFile(LogOf(At("a"))), log);
  fs::remove(LogOf(At("a")));
  EXPECT_TRUE(SpoolDatabase::Open({.path = At("a")}));
}

TEST_F(LogLapTest, DistinguishesAnEarlierCopyOfTheSameFile) {
  MakeKilled("a", 1, 1);
  for (int life = 2; life < 5; ++life) MakeKilled("b", life, 1);
  fs::copy_file(At("a"), At("b"), fs::copy_options::overwrite_existing);
  EXPECT_TRUE(HasForeignLog(At("b")));
}

TEST_F(LogLapTest, DistinguishesAFileMadeFromItsRows) {
  MakeKilled("a", 1, 3);
  // As `.recover` and `.dump` do.
  Run("made",
      "PRAGMA application_id = 1397511491; PRAGMA user_version = 1;"
      "CREATE TABLE callbacks("
      " seq INTEGER PRIMARY KEY, provider TEXT NOT NULL, key TEXT NOT NULL,"
      " received_at INTEGER NOT NULL, request_id TEXT NOT NULL, content_type TEXT,"
      " traceparent TEXT, size INTEGER NOT NULL, body BLOB NOT NULL);");
  fs::rename(At("made"), At("a"));
  EXPECT_TRUE(HasForeignLog(At("a")));
  fs::remove(LogOf(At("a")));
  {
    auto opened = SpoolDatabase::Open({.path = At("a")});
    ASSERT_TRUE(opened) << opened.error().detail;
    ASSERT_TRUE((*opened)->SettleLog());
    EXPECT_EQ((*opened)->FindPlace(), SpoolDatabase::Place::kRight);
  }
  EXPECT_TRUE(HasLap(*FileLap("a"))) << "now it has its own lap";
}

TEST_F(LogLapTest, KeepsALogBesideAnEmptyFile) {
  MakeKilled("a", 1, 1);
  std::ofstream(At("a"), std::ios::trunc).close();
  const std::string log = tests::ReadFile(LogOf(At("a")));
  EXPECT_FALSE(SpoolDatabase::Open({.path = At("a")}));
  EXPECT_EQ(tests::ReadFile(LogOf(At("a"))), log);
}

TEST_F(LogLapTest, IgnoresALogWithoutValidFrames) {
  MakeKilled("a", 1, 1);
  const std::string log = tests::ReadFile(LogOf(At("a")));
  EXPECT_TRUE(StartOfLog(log).holds_frames);
  for (const std::size_t size : {0UL, 10UL, 32UL, 60UL, 4000UL}) {
    EXPECT_FALSE(StartOfLog(log.substr(0, size)).holds_frames) << size;
  }
  for (const std::size_t at : {3UL, 9UL, 17UL, 25UL, 33UL, 41UL, 49UL, 100UL, 4000UL}) {
    std::string torn = log;
    torn[at] = static_cast<char>(torn[at] ^ 0x10);
    EXPECT_FALSE(StartOfLog(torn).holds_frames) << at;
  }
}

TEST_F(LogLapTest, AcceptsALogThatAnEarlierIngestHasBegun) {
  EXPECT_TRUE(Follows({.holds_frames = true, .lap = std::nullopt}, 77));
  EXPECT_TRUE(Follows({.holds_frames = true, .lap = 1}, 0))
      << "the earlier ingest has just made the file";
}

TEST_F(LogLapTest, WrapsAfterTheLastLap) {
  EXPECT_EQ(NextLap(0x7FFFFFFF), INT32_MIN);
  EXPECT_EQ(NextLap(-1), 0);
  EXPECT_TRUE(Follows({.holds_frames = true, .lap = 0}, UINT32_MAX));
}

}  // namespace
}  // namespace ingest
