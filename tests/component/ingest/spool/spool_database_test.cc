#include "ingest/spool/spool_database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/component/ingest/spool/faulty_disk.h"
#include "tests/component/ingest/spool/spool_samples.h"
#include "tests/support/temp_directory.h"

namespace ingest {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

common::Deadline Never() { return common::Deadline(common::Deadline::Clock::time_point::max()); }

class SpoolDatabaseTest : public ::testing::Test {
 protected:
  [[nodiscard]] SpoolDatabase::Options Options() const { return {.path = path}; }

  /// "opened", or the error.
  [[nodiscard]] std::string Open() const {
    const auto database = SpoolDatabase::Open(Options());
    return database ? "opened" : database.error().detail;
  }

  void Fill(int count) const {
    auto database = SpoolDatabase::Open(Options());
    ASSERT_TRUE(database);
    for (int i = 1; i <= count; ++i) {
      SpooledCallback callback = SampleCallback("key-" + std::to_string(i));
      callback.sequence = i;
      ASSERT_TRUE((*database)->Append({&callback, 1}));
    }
  }

  tests::TempDirectory directory;
  std::string path = (directory.path() / "spool.db").string();
};

TEST_F(SpoolDatabaseTest, ReturnsEveryFieldUnchanged) {
  SpooledCallback odd;
  odd.sequence = 7;
  odd.size = 42;
  odd.envelope.key = std::string("k\0\xFF", 3);
  odd.envelope.body = std::string("\0\xFF\r\n'", 5);
  odd.envelope.provider = "t\xC3\xA4po/%00";
  odd.envelope.received_at = common::WallTime(std::chrono::milliseconds(1'700'000'000'123));
  odd.envelope.request_id = "r";
  odd.envelope.traceparent = "";
  SpooledCallback empty;
  empty.sequence = 9;
  {
    auto database = SpoolDatabase::Open(Options());
    ASSERT_TRUE(database);
    const SpooledCallback both[] = {odd, empty};
    ASSERT_TRUE((*database)->Append(both));
  }
  const auto found = ReadSpool(Options());
  ASSERT_EQ(found.size(), 2U);
  const common::Envelope& envelope = found[0].envelope;
  EXPECT_EQ(found[0].sequence, 7);
  EXPECT_EQ(found[0].size, 42U);
  EXPECT_EQ(envelope.key, odd.envelope.key);
  EXPECT_EQ(envelope.body, odd.envelope.body);
  EXPECT_EQ(envelope.provider, odd.envelope.provider);
  EXPECT_EQ(envelope.received_at, odd.envelope.received_at);
  EXPECT_EQ(envelope.request_id, "r");
  EXPECT_EQ(envelope.content_type, std::nullopt);
  EXPECT_EQ(envelope.traceparent, "");
  EXPECT_TRUE(envelope.spooled);
  EXPECT_EQ(found[1].envelope.body, "");
}

TEST_F(SpoolDatabaseTest, ReturnsATracestateBesideItsTraceparent) {
  SpooledCallback callback = SampleCallback("a");
  callback.sequence = 1;
  callback.envelope.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  callback.envelope.tracestate = "one=1,two=2";
  {
    auto database = SpoolDatabase::Open(Options());
    ASSERT_TRUE(database);
    ASSERT_TRUE((*database)->Append({&callback, 1}));
  }
  const auto found = ReadSpool(Options());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].envelope.traceparent, callback.envelope.traceparent);
  EXPECT_EQ(found[0].envelope.tracestate, "one=1,two=2");
}

TEST_F(SpoolDatabaseTest, CountsItsCallbacksByProvider) {
  auto database = SpoolDatabase::Open(Options());
  ASSERT_TRUE(database);
  SpooledCallback callbacks[] = {SampleCallback("a", "paper"), SampleCallback("b", "paper"),
                                 SampleCallback("c", "typo")};
  for (std::int64_t i = 0; i < 3; ++i) callbacks[i].sequence = i + 5;
  ASSERT_TRUE((*database)->Append(callbacks));
  ASSERT_TRUE((*database)->Remove(RowsOf(6)));
  const auto all = (*database)->Count(0, 7, Never());
  ASSERT_FALSE(all.error);
  EXPECT_EQ(all.holdings.by_provider.size(), 2U);
  EXPECT_EQ(all.holdings.by_provider.at("paper").records, 1U);
  EXPECT_EQ(all.holdings.by_provider.at("paper").bytes, callbacks[0].size);
  EXPECT_EQ(all.holdings.by_provider.at("typo").records, 1U);
  EXPECT_TRUE(all.is_all);
  EXPECT_EQ(*(*database)->LastSequence(), 7);
}

TEST_F(SpoolDatabaseTest, CountsFinishedRowsSeparately) {
  Fill(5);
  auto database = SpoolDatabase::Open(Options());
  ASSERT_TRUE(database);
  const auto is_done = [](std::int64_t sequence) { return sequence >= 2 && sequence <= 4; };
  const auto all = (*database)->Count(0, 5, Never(), is_done);
  EXPECT_EQ(all.holdings.by_provider.at("paper").records, 2U);
  EXPECT_EQ(all.holdings.done.records, 3U);
  EXPECT_EQ(all.holdings.done.bytes, 3 * SampleCallback("key-1").size);
}

TEST_F(SpoolDatabaseTest, ReportsTheRemovedAmountOfARange) {
  Fill(5);
  auto database = SpoolDatabase::Open(Options());
  ASSERT_TRUE(database);
  ASSERT_TRUE((*database)->Remove(RowsOf(3)));
  std::vector<std::int64_t> removed;
  std::size_t bytes = 0;
  const std::vector<SequenceRange> ranges = {{.from = 2, .to = 4}, {.from = 7, .to = 9}};
  ASSERT_TRUE((*database)->Remove(ranges, [&](std::int64_t sequence, std::size_t size) {
    removed.push_back(sequence);
    bytes += size;
  }));
  EXPECT_THAT(removed, ElementsAre(2, 4));
  EXPECT_EQ(bytes, 2 * SampleCallback("key-1").size);
}

TEST_F(SpoolDatabaseTest, ContinuesCountingAfterADeadline) {
  Fill(5);
  auto database = SpoolDatabase::Open(Options());
  ASSERT_TRUE(database);
  const common::Deadline passed(common::Deadline::Clock::time_point{});
  std::size_t records = 0;
  std::size_t parts = 0;
  SpoolDatabase::Counted counted;
  while (!counted.is_all && parts < 10) {
    counted = (*database)->Count(counted.last_sequence, 4, passed);
    records += counted.holdings.by_provider["paper"].records;
    ++parts;
  }
  EXPECT_EQ(records, 4U) << "the fifth lies behind the requested range";
  EXPECT_EQ(parts, 5U) << "one callback in each part, and none in the last";
}

TEST_F(SpoolDatabaseTest, ReadsInOrderWithinItsLimits) {
  Fill(5);
  auto database = SpoolDatabase::Open(Options());
  ASSERT_TRUE(database);
  EXPECT_THAT(KeysOf(*(*database)->ReadAfter(2, 2, 1'000'000)), ElementsAre("key-3", "key-4"));
  EXPECT_THAT(KeysOf(*(*database)->ReadAfter(0, 10, 1)), ElementsAre("key-1"))
      << "at least one, however large";
  EXPECT_THAT(KeysOf(*(*database)->ReadAfter(5, 10, 1'000'000)), IsEmpty());
}

TEST_F(SpoolDatabaseTest, OpensAFileThatHasLeftWalMode) {
  Fill(1);
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "PRAGMA journal_mode = DELETE", nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(other);
  EXPECT_EQ(Open(), "opened");
}

TEST_F(SpoolDatabaseTest, OpensAFileThroughALinkAndDetectsAChangedLink) {
  Fill(1);
  const std::string link = (directory.path() / "link.db").string();
  std::filesystem::create_symlink(path, link);
  auto database = SpoolDatabase::Open({.path = link});
  ASSERT_TRUE(database) << database.error().detail;
  EXPECT_EQ((*database)->FindPlace(), SpoolDatabase::Place::kRight);
  std::ofstream(directory.path() / "other.db").close();
  std::filesystem::remove(link);
  std::filesystem::create_symlink(directory.path() / "other.db", link);
  EXPECT_EQ((*database)->FindPlace(), SpoolDatabase::Place::kGone);
}

TEST_F(SpoolDatabaseTest, IsReadableOnlyForItsOwner) {
  std::ofstream(path).close();
  ::chmod(path.c_str(), 0664);
  auto database = SpoolDatabase::Open(Options());
  ASSERT_TRUE(database);
  SpooledCallback callback = SampleCallback("a");
  ASSERT_TRUE((*database)->Append({&callback, 1}));
  for (const std::string& file : {path, path + "-wal"}) {
    struct stat found {};
    ASSERT_EQ(::stat(file.c_str(), &found), 0) << file;
    EXPECT_EQ(found.st_mode & 0777U, 0600U) << file;
  }
}

TEST_F(SpoolDatabaseTest, CreatesNoDirectory) {
  path = (directory.path() / "missing" / "spool.db").string();
  EXPECT_THAT(Open(), HasSubstr("missing does not exist"));
  EXPECT_FALSE(std::filesystem::exists(directory.path() / "missing"));
}

TEST_F(SpoolDatabaseTest, RejectsADirectory) {
  path = directory.path().string();
  EXPECT_THAT(Open(), HasSubstr("is not a file"));
}

TEST_F(SpoolDatabaseTest, ReportsAnUnwritableDirectory) {
  Fill(1);
  FaultyDisk disk;  // Acts like a read-only directory, because tests may run as root.
  disk.SetRule([](const FaultyDisk::Call& call) {
    return call.kind == FaultyDisk::Kind::kOpen && call.is_log ? FaultyDisk::DiskFault::kError
                                                               : FaultyDisk::DiskFault::kNone;
  });
  const auto database = SpoolDatabase::Open({.path = path, .vfs = disk.name()});
  ASSERT_FALSE(database);
  EXPECT_THAT(database.error().detail, HasSubstr("unable to open database file"));
}

TEST_F(SpoolDatabaseTest, LeavesForeignFilesUnchanged) {
  const std::string other = "This is somebody's text. " + std::string(5000, '.');
  std::ofstream(path) << other;
  EXPECT_THAT(Open(), HasSubstr("not a database"));
  EXPECT_EQ(tests::ReadFile(path), other);
}

TEST_F(SpoolDatabaseTest, LeavesAForeignDatabaseUnchanged) {
  sqlite3* foreign = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &foreign), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(foreign, "CREATE TABLE t(x)", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(foreign);
  const std::string before = tests::ReadFile(path);
  EXPECT_THAT(Open(), HasSubstr("a database of something else"));
  EXPECT_EQ(tests::ReadFile(path), before);
}

TEST_F(SpoolDatabaseTest, RejectsAnUnknownVersion) {
  Fill(1);
  sqlite3* newer = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &newer), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(newer, "PRAGMA user_version = 2", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(newer);
  EXPECT_THAT(Open(), HasSubstr("its version is 2, this ingest knows 1"));
}

TEST_F(SpoolDatabaseTest, DetectsDamageWhileCounting) {
  Fill(200);
  {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    for (std::streamoff page = 2; page < 10; ++page) {
      file.seekp(page * 4096);
      file << std::string(4096, '\xAA');
    }
  }
  const auto size = std::filesystem::file_size(path);
  auto database = SpoolDatabase::Open(Options());
  ASSERT_TRUE(database);
  const auto counted = (*database)->Count(0, 200, Never());
  ASSERT_TRUE(counted.error);
  EXPECT_EQ(counted.error->code, "damaged");
  database->reset();
  EXPECT_EQ(std::filesystem::file_size(path), size) << "nothing must be repaired or discarded";
}

TEST_F(SpoolDatabaseTest, RecoversFromATornLog) {
  Fill(3);
  const std::string keep = (directory.path() / "torn.db").string();
  {
    auto database = SpoolDatabase::Open(Options());
    ASSERT_TRUE(database);
    for (std::int64_t i = 4; i <= 6; ++i) {
      SpooledCallback callback = SampleCallback("key-" + std::to_string(i));
      callback.sequence = i;
      ASSERT_TRUE((*database)->Append({&callback, 1}));
    }
    std::filesystem::copy(path, keep);
    std::filesystem::copy(path + "-wal", keep + "-wal");
  }
  std::filesystem::resize_file(keep + "-wal", std::filesystem::file_size(keep + "-wal") - 100);
  EXPECT_THAT(KeysOf(ReadSpool({.path = keep})),
              ElementsAre("key-1", "key-2", "key-3", "key-4", "key-5"));
}

TEST_F(SpoolDatabaseTest, ReusesTheSpaceOfALongLog) {
  auto database = SpoolDatabase::Open({.path = path, .long_log = 8});
  ASSERT_TRUE(database);
  std::uintmax_t longest = 0;
  for (std::int64_t sequence = 1; sequence <= 200; ++sequence) {
    SpooledCallback callback = SampleCallback("key");
    callback.sequence = sequence;
    ASSERT_TRUE((*database)->Append({&callback, 1}));
    ASSERT_TRUE((*database)->ShortenLog());
    longest = std::max(longest, std::filesystem::file_size(path + "-wal"));
  }
  EXPECT_LE(longest, 16 * 4200U) << "8 pages, plus those of one commit";
  EXPECT_GE(std::filesystem::file_size(path), 4 * 4096U) << "the callbacks must be in the table";
}

TEST_F(SpoolDatabaseTest, RejectsSecondProcess) {
  auto database = SpoolDatabase::Open(Options());
  ASSERT_TRUE(database);
  const pid_t other = ::fork();
  if (other == 0) {
    ::_exit(Open().find("another process has it open") != std::string::npos ? 0 : 1);
  }
  int status = -1;
  ::waitpid(other, &status, 0);
  EXPECT_EQ(status, 0);
  database->reset();
  EXPECT_EQ(Open(), "opened");
}

TEST_F(SpoolDatabaseTest, KeepsTheIdOfAnEventWithAndWithoutAContentType) {
  SpooledCallback both = SampleCallback("a");
  both.sequence = 1;
  both.envelope.event_id = "msg_1";
  SpooledCallback alone = SampleCallback("b");
  alone.sequence = 2;
  alone.envelope.content_type.reset();
  alone.envelope.event_id = "msg_2";
  {
    auto database = SpoolDatabase::Open(Options());
    ASSERT_TRUE(database);
    const SpooledCallback events[] = {both, alone};
    ASSERT_TRUE((*database)->Append(events));
  }
  const auto found = ReadSpool(Options());
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].envelope.content_type, "application/json");
  EXPECT_EQ(found[0].envelope.event_id, "msg_1");
  EXPECT_EQ(found[1].envelope.content_type, std::nullopt);
  EXPECT_EQ(found[1].envelope.event_id, "msg_2");
}

TEST_F(SpoolDatabaseTest, KeepsOwnerOfCallbacksSecret) {
  SpooledCallback first = SampleCallback("a");
  first.sequence = 1;
  first.envelope.authenticated_as = "readid";
  SpooledCallback without_type = SampleCallback("b");
  without_type.sequence = 2;
  without_type.envelope.content_type.reset();
  without_type.envelope.event_id = "msg_2";
  without_type.envelope.authenticated_as = "eid";
  {
    auto database = SpoolDatabase::Open(Options());
    ASSERT_TRUE(database);
    const SpooledCallback callbacks[] = {first, without_type};
    ASSERT_TRUE((*database)->Append(callbacks));
  }
  const auto found = ReadSpool(Options());
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].envelope.content_type, "application/json");
  EXPECT_EQ(found[0].envelope.event_id, std::nullopt);
  EXPECT_EQ(found[0].envelope.authenticated_as, "readid");
  EXPECT_EQ(found[1].envelope.content_type, std::nullopt);
  EXPECT_EQ(found[1].envelope.event_id, "msg_2");
  EXPECT_EQ(found[1].envelope.authenticated_as, "eid");
}

}  // namespace
}  // namespace ingest
