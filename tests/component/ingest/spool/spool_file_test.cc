#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/component/ingest/spool/spool_fixture.h"

// Promise P1 while the files of a running ingest's spool are moved or removed: a callback is
// answered 200 only if the file at the path has it.
namespace ingest {
namespace {

namespace fs = std::filesystem;
using common::Deadline;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::UnorderedElementsAre;
using tests::WaitUntil;

class SpoolFileTest : public SqliteSpoolTest {
 protected:
  /// Creates another spool with these callbacks.
  void MakeSpool(const std::string& at, const std::vector<std::string>& keys) {
    auto database = SpoolDatabase::Open({.path = at});
    ASSERT_TRUE(database);
    std::int64_t sequence = 0;
    for (const std::string& key : keys) {
      SpooledCallback callback = SampleCallback(key);
      callback.sequence = ++sequence;
      ASSERT_TRUE((*database)->Append({&callback, 1}));
    }
  }
  bool AwaitReplay(std::size_t count) {
    kafka.is_there = true;
    return WaitUntil([&] { return kafka.Keys().size() >= count && !spool->Holds("paper"); },
                     kPatience);
  }
  /// Opens a file whose last callback, after the `small` ones, is unreadable; with a log.
  void OpenDamaged(const std::vector<std::string>& small = {}) {
    Open();
    CallbackNumber number = 0;
    for (const std::string& key : small) ASSERT_EQ(Offer(++number, key), "spooled");
    StoreAndDamage(++number);
    long_log = 1000;
    Open();
    ASSERT_EQ(Offer(++number, "later"), "spooled");
    kafka.is_there = true;
    ASSERT_TRUE(WaitUntil([&] { return !spool->HasRoom(); }, kPatience));
  }
  std::string elsewhere = (directory.path() / "elsewhere.db").string();
};

TEST_F(SpoolFileTest, MovesToANewFileIfTheOldOneIsRemoved) {
  Open();
  ASSERT_EQ(Offer(1, "a"), "spooled");
  fs::remove(path);
  fs::remove(path + "-wal");
  EXPECT_EQ(Offer(2, "b"), "spooled");
  EXPECT_THAT(AtThePath(), ElementsAre("a", "b"));
  EXPECT_THAT(Log(), HasSubstr("\"event\":\"spool.file_lost\""));
  EXPECT_THAT(Log(), HasSubstr("\"event\":\"spool.file_replaced\""));
  EXPECT_THAT(Metrics(), HasSubstr("sluice_ingest_spool_files_lost_total 1"));
  EXPECT_EQ(Offer(3, "c"), "spooled");
  EXPECT_THAT(AtThePath(), ElementsAre("a", "b", "c"));
  EXPECT_TRUE(AwaitReplay(3));
  EXPECT_THAT(kafka.Keys(), ElementsAre("a", "b", "c"));
}

TEST_F(SpoolFileTest, SavesWaitingCallbacksWithoutFurtherTraffic) {
  Open();
  ASSERT_EQ(Offer(1, "a"), "spooled");
  fs::remove(path);  // Its log stays.
  EXPECT_TRUE(
      WaitUntil([&] { return Log().find("spool.file_replaced") != std::string::npos; }, kPatience));
  EXPECT_THAT(AtThePath(), ElementsAre("a"));
}

TEST_F(SpoolFileTest, LeavesAMovedFileUnchanged) {
  Open();
  ASSERT_EQ(Offer(1, "a"), "spooled");
  fs::rename(path, elsewhere);
  fs::rename(path + "-wal", elsewhere + "-wal");
  EXPECT_EQ(Offer(2, "b"), "spooled");
  EXPECT_TRUE(AwaitReplay(2));
  ASSERT_TRUE(spool->Close(Deadline::After(kPatience)));
  spool.reset();
  EXPECT_THAT(KeysOf(ReadSpool({.path = elsewhere})), Contains("a")) << "its owner may need it";
}

TEST_F(SpoolFileTest, AdoptsAnotherSpoolAtItsPathWithItsCallbacks) {
  Open();
  ASSERT_EQ(Offer(1, "a"), "spooled");
  ASSERT_EQ(Offer(2, "b"), "spooled");
  MakeSpool(elsewhere, {"x", "y"});
  fs::rename(elsewhere, path);
  EXPECT_EQ(Offer(3, "c"), "spooled");
  EXPECT_THAT(AtThePath(), ElementsAre("x", "y", "a", "b", "c"));
  EXPECT_TRUE(AwaitReplay(5));
  EXPECT_THAT(kafka.Keys(), UnorderedElementsAre("x", "y", "a", "b", "c"));
}

TEST_F(SpoolFileTest, IgnoresAcksOfTheOldFileInTheNewOne) {
  Open();
  ASSERT_EQ(Offer(1, "a"), "spooled");
  kafka.reports_late = true;
  kafka.is_there = true;
  ASSERT_TRUE(WaitUntil([&] { return !kafka.Keys().empty(); }, kPatience));
  MakeSpool(elsewhere, {"x", "y"});
  fs::rename(elsewhere, path);
  ASSERT_EQ(Offer(2, "b"), "spooled");
  kafka.acknowledges = false;
  kafka.reports_late = false;
  kafka.ReportLate(StorageOutcome::kStored);
  // The ack of "a" belongs to the first row of the old file. The first row of the new file is "x".
  ASSERT_TRUE(WaitUntil([&] { return kafka.Keys().size() > 4; }, kPatience));
  EXPECT_THAT(AtThePath(), ElementsAre("x", "y", "a", "b"));
  EXPECT_TRUE(spool->Holds("paper"));
  kafka.acknowledges = true;
  EXPECT_TRUE(WaitUntil([&] { return !spool->Holds("paper"); }, kPatience));
  EXPECT_TRUE(WaitUntil(
      [&] { return Metrics().find("sluice_ingest_spool_records 0\n") != std::string::npos; },
      kPatience))
      << Metrics();
}

TEST_F(SpoolFileTest, StopsSpoolingAndReplaysIfNoFileCanBeCreated) {
  Open();
  ASSERT_EQ(Offer(1, "a"), "spooled");
  const std::string foreign = "somebody's only copy " + std::string(9000, '.');
  std::ofstream(elsewhere) << foreign;
  fs::rename(elsewhere, path);
  OfferInVain(2, "b");
  EXPECT_EQ(Offer(3, "c"), "refused");
  EXPECT_THAT(Log(), HasSubstr("\"event\":\"spool.cannot_open\""));
  kafka.is_there = true;
  EXPECT_TRUE(WaitUntil([&] { return kafka.Keys().size() >= 2; }, kPatience));
  EXPECT_THAT(kafka.Keys(), Contains("a"));
  EXPECT_EQ(tests::ReadFile(path), foreign);
  // The path is usable again.
  fs::remove(path);
  EXPECT_EQ(listener.Await(2), "spooled");
  EXPECT_TRUE(StoresAgain(100));
  EXPECT_THAT(kafka.Keys(), Not(Contains("c")));
}

TEST_F(SpoolFileTest, KeepsCallbacksThatOnlyARemovedLogHad) {
  long_log = 1000;
  Open();
  ASSERT_EQ(Offer(1, "a"), "spooled");
  fs::remove(path + "-wal");
  EXPECT_EQ(Offer(2, "b"), "spooled");
  EXPECT_THAT(AtThePath(), ElementsAre("a", "b"));
  EXPECT_THAT(Log(), HasSubstr("\"event\":\"spool.file_lost\""));
}

TEST_F(SpoolFileTest, LeavesAnotherFilesLogUnusedAndUnchanged) {
  Open();
  ASSERT_EQ(Offer(1, "a"), "spooled");
  fs::remove(path + "-wal");
  std::ofstream(path + "-wal") << "frames of another file";
  OfferInVain(2, "b");
  EXPECT_TRUE(AwaitLog("another file's"));
  EXPECT_EQ(tests::ReadFile(path + "-wal"), "frames of another file");
  fs::remove(path + "-wal");
  EXPECT_TRUE(StoresAgain(100));
  EXPECT_THAT(AtThePath(), Contains("a"));
}

TEST_F(SpoolFileTest, SavesWaitingCallbacksAfterADiskFailure) {
  Open();
  ASSERT_EQ(Offer(1, "a"), "spooled");
  disk.Fail(FaultyDisk::Kind::kSync, FaultyDisk::DiskFault::kError);
  OfferInVain(2, "b");
  fs::remove(path);
  fs::remove(path + "-wal");
  EXPECT_TRUE(
      WaitUntil([&] { return Log().find("spool.file_lost") != std::string::npos; }, kPatience));
  disk.Mend();
  EXPECT_TRUE(StoresAgain(100));
  EXPECT_THAT(AtThePath(), Contains("a"));
}

TEST_F(SpoolFileTest, CopiesAllOrNothingAndRetriesOnAFullDisk) {
  bounds.max_bytes = 100'000'000;
  Open();
  std::vector<std::string> keys;
  for (CallbackNumber number = 1; number <= 1200; ++number) {
    keys.push_back(std::to_string(number));
    ASSERT_EQ(spool->Offer(number, SampleEnvelope(keys.back())), Offered::kTaken);
  }
  ASSERT_EQ(listener.Await(1200), "spooled");
  // The new file is created, but the disk fills while it is written.
  disk.SetRule([this](const FaultyDisk::Call& call) {
    const bool is_copied = call.kind == FaultyDisk::Kind::kWrite && call.is_log;
    return is_copied && ++syncs > 40 ? FaultyDisk::DiskFault::kFull : FaultyDisk::DiskFault::kNone;
  });
  fs::remove(path);
  fs::remove(path + "-wal");
  ASSERT_TRUE(
      WaitUntil([&] { return Log().find("spool.cannot_open") != std::string::npos; }, kPatience));
  EXPECT_TRUE(WaitUntil([&] { return !spool->HasRoom(); }, kPatience));
  disk.Mend();
  EXPECT_TRUE(
      WaitUntil([&] { return Log().find("\"copied\":1200") != std::string::npos; }, kPatience))
      << Log();
  EXPECT_EQ(AtThePath(), keys) << "each once and in order";
}

TEST_F(SpoolFileTest, ReopensWhenItsFolderIsBack) {
  path = (directory.path() / "folder" / "spool.db").string();
  fs::create_directory(directory.path() / "folder");
  Open();
  ASSERT_EQ(Offer(1, "a"), "spooled");
  fs::rename(directory.path() / "folder", directory.path() / "away");
  OfferInVain(2, "b");
  EXPECT_TRUE(AwaitLog("does not exist"));
  fs::rename(directory.path() / "away", directory.path() / "folder");
  EXPECT_TRUE(StoresAgain(100));
  EXPECT_THAT(AtThePath(), Contains("a"));
}

class DeadDiskTest : public SpoolFileTest,
                     public ::testing::WithParamInterface<std::vector<FaultyDisk::Kind>> {};

TEST_P(DeadDiskTest, IsReplacedUnderARunningIngest) {
  path = (directory.path() / "volume" / "spool.db").string();
  fs::create_directory(directory.path() / "volume");
  long_log = 1000;
  Open();
  for (CallbackNumber number = 1; number <= 3; ++number) {
    ASSERT_EQ(Offer(number, "old-" + std::to_string(number)), "spooled");
  }
  const auto fails = [last = disk.openings()](const FaultyDisk::Call& call) {
    const auto& kinds = GetParam();
    return call.opening <= last && std::ranges::find(kinds, call.kind) != kinds.end();
  };
  disk.SetRule([fails](const FaultyDisk::Call& call) {
    return fails(call) ? FaultyDisk::DiskFault::kError : FaultyDisk::DiskFault::kNone;
  });
  OfferInVain(4, "new");
  fs::rename(directory.path() / "volume", directory.path() / "dead");
  fs::create_directory(directory.path() / "volume");
  const auto replaced_at = std::chrono::steady_clock::now();
  EXPECT_EQ(listener.Await(4), "spooled") << Log();
  EXPECT_LT(std::chrono::steady_clock::now() - replaced_at, std::chrono::seconds(10));
  EXPECT_THAT(Log(), HasSubstr("spool.file_replaced"));
  const bool is_readable = std::ranges::count(GetParam(), FaultyDisk::Kind::kRead) == 0;
  EXPECT_EQ(AtThePath(), is_readable ? std::vector<std::string>({"old-1", "old-2", "old-3", "new"})
                                     : std::vector<std::string>({"new"}));
  EXPECT_EQ(Log().find("\"unreadable\"") != std::string::npos, !is_readable) << Log();
}

INSTANTIATE_TEST_SUITE_P(
    That, DeadDiskTest,
    ::testing::Values(std::vector{FaultyDisk::Kind::kWrite, FaultyDisk::Kind::kSync,
                                  FaultyDisk::Kind::kTruncate},
                      std::vector{FaultyDisk::Kind::kRead, FaultyDisk::Kind::kWrite,
                                  FaultyDisk::Kind::kSync, FaultyDisk::Kind::kTruncate}),
    [](const auto& kinds) { return kinds.param.size() == 3 ? "OnlyReads" : "AnswersNothing"; });

TEST_F(SpoolFileTest, CreatesANewFileIfADamagedOneIsMovedAway) {
  OpenDamaged();
  fs::rename(path, elsewhere);
  fs::rename(path + "-wal", elsewhere + "-wal");
  EXPECT_TRUE(StoresAgain(100));
}

TEST_F(SpoolFileTest, KeepsRefusedCallbacksOfADamagedFileOncePossible) {
  fs::create_directory(refused.path());
  OpenDamaged({"poison"});
  ASSERT_TRUE(
      WaitUntil([&] { return Log().find("is not a file") != std::string::npos; }, kPatience));
  fs::remove(refused.path());
  EXPECT_TRUE(AwaitMetric("sluice_ingest_spool_refused_records 1"));
}

TEST_F(SpoolFileTest, NeverAppliesADamagedFilesLogToItsReplacement) {
  OpenDamaged();
  ASSERT_GT(fs::file_size(path + "-wal"), 0U);
  const std::string frames = tests::ReadFile(path + "-wal");
  MakeSpool(elsewhere, {"x", "y"});
  const std::string recovered = tests::ReadFile(elsewhere);
  fs::rename(elsewhere, path);  // The log stays.
  ASSERT_TRUE(
      WaitUntil([&] { return Log().find("another file's") != std::string::npos; }, kPatience))
      << Log();
  EXPECT_FALSE(spool->HasRoom());
  EXPECT_EQ(tests::ReadFile(path), recovered);
  EXPECT_EQ(tests::ReadFile(path + "-wal"), frames);
  fs::remove(path + "-wal");
  EXPECT_TRUE(StoresAgain(100));
  EXPECT_TRUE(WaitUntil([&] { return kafka.Keys().size() >= 2; }, kPatience));
  EXPECT_THAT(kafka.Keys(), IsSupersetOf({"x", "y"}));
}

TEST_F(SpoolFileTest, RemovesNoCallbacksOfAReplacementForADamagedFilesAcks) {
  OpenDamaged({"a", "b"});
  // Both are in Kafka and could not be removed.
  ASSERT_TRUE(WaitUntil([&] { return kafka.Keys().size() >= 2; }, kPatience));
  kafka.is_there = false;
  MakeSpool(elsewhere, {"x", "y", "z"});
  fs::remove(path + "-wal");
  fs::rename(elsewhere, path);
  ASSERT_TRUE(WaitUntil([&] { return spool->HasRoom(); }, kPatience));
  EXPECT_THAT(AtThePath(), ElementsAre("x", "y", "z"));
  EXPECT_TRUE(AwaitReplay(5));
  EXPECT_THAT(kafka.Keys(), IsSupersetOf({"x", "y", "z"}));
}

}  // namespace
}  // namespace ingest
