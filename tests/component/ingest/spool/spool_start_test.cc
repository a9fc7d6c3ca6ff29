#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "tests/component/ingest/spool/spool_fixture.h"

// The spool before it is open and counted.
namespace ingest {
namespace {

using common::Deadline;
using std::chrono::milliseconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using tests::WaitUntil;
using DiskFault = FaultyDisk::DiskFault;
using Kind = FaultyDisk::Kind;

class SpoolStartTest : public SqliteSpoolTest {};

TEST_F(SpoolStartTest, StartsImmediatelyWhileTheDiskHangs) {
  disk.SetRule([this](const FaultyDisk::Call& call) {
    if (call.kind == Kind::kOpen) {
      static_cast<void>(WaitUntil([&] { return may_sync.load(); }, kPatience));
    }
    return DiskFault::kNone;
  });
  Start();
  spool->AwaitFirstTry(Deadline::After(milliseconds(50)));
  EXPECT_FALSE(spool->HasRoom());
  EXPECT_EQ(Offer(1, "a"), "refused");
  EXPECT_THAT(Metrics(), HasSubstr("sluice_ingest_spool_open 0"));
  EXPECT_THAT(Metrics(), Not(HasSubstr("\nsluice_ingest_spool_records "))) << "unknown";
  EXPECT_FALSE(spool->Close(Deadline::After(milliseconds(50)))) << "and delays no shutdown";
  may_sync = true;
}

TEST_F(SpoolStartTest, IsOpenAfterTheFirstTryOnAHealthyDisk) {
  Start();
  spool->AwaitFirstTry(Deadline::After(kPatience));
  EXPECT_TRUE(spool->HasRoom());
  EXPECT_EQ(Offer(1, "a"), "spooled");
}

TEST_F(SpoolStartTest, AcceptsCallbacksBeforeCountingIsDone) {
  bounds.max_bytes = 1'000'000'000;
  Fill(200'000);
  std::atomic<bool>& is_counting = may_sync;
  std::atomic<int>& reads = syncs;
  // A slow disk: reading all pages takes longer than the test waits.
  disk.SetRule([&](const FaultyDisk::Call& call) {
    if (call.kind == Kind::kRead && !is_counting && ++reads > 100) {
      std::this_thread::sleep_for(milliseconds(2));
    }
    return DiskFault::kNone;
  });
  Start();
  ASSERT_TRUE(AwaitLog("spool.opened"));
  EXPECT_TRUE(StoresAgain(1));
  EXPECT_THAT(Log(), Not(HasSubstr("spool.counted")));
  EXPECT_TRUE(spool->Holds("connect")) << "it may have some";
  kafka.is_there = true;
  EXPECT_TRUE(WaitUntil([&] { return !kafka.Keys().empty(); }, kPatience)) << "and it replays";
  EXPECT_THAT(Log(), Not(HasSubstr("spool.counted")));
  is_counting = true;  // At full speed from here on.
  ASSERT_TRUE(AwaitLog("spool.counted"));
  EXPECT_FALSE(spool->Holds("connect"));
}

TEST_F(SpoolStartTest, AssumesTheFilesSizeUntilCountingIsDone) {
  Fill(20'000);
  disk.SetRule([&, reads = 0](const FaultyDisk::Call& call) mutable {
    if (call.kind == Kind::kRead && !may_sync && ++reads > 20) {
      static_cast<void>(WaitUntil([&] { return may_sync.load(); }, kPatience));
    }
    return DiskFault::kNone;
  });
  Start();
  ASSERT_TRUE(AwaitLog("spool.opened"));
  EXPECT_FALSE(WaitUntil([&] { return spool->HasRoom(); }, milliseconds(300)))
      << "the file exceeds max_bytes";
  may_sync = true;
  ASSERT_TRUE(AwaitLog("\"records\":20000"));
}

TEST_F(SpoolStartTest, ReplaysAFileThatIsLostDuringCounting) {
  bounds.max_bytes = 1'000'000'000;
  Fill(6'000);
  disk.SetRule([&](const FaultyDisk::Call& call) {
    if (call.kind == Kind::kRead && !may_sync && ++syncs > 20) {
      std::this_thread::sleep_for(milliseconds(200));
    }
    return DiskFault::kNone;
  });
  Start();
  ASSERT_TRUE(AwaitLog("spool.opened"));
  const std::string foreign = (directory.path() / "foreign").string();
  std::ofstream(foreign) << std::string(9000, '.');
  std::filesystem::rename(foreign, path);
  ASSERT_TRUE(AwaitLog("spool.file_lost"));
  may_sync = true;
  ASSERT_TRUE(AwaitLog("spool.cannot_open"));
  EXPECT_THAT(Log(), Not(HasSubstr("spool.counted")));
  kafka.is_there = true;
  EXPECT_TRUE(WaitUntil([&] { return kafka.Keys().size() >= 6'000; }, kPatience))
      << kafka.Keys().size();
}

TEST_F(SpoolStartTest, RetriesCountingAfterRunningOutOfMemory) {
  bounds.max_bytes = 1'000'000'000;
  Fill(6'000);
  std::atomic<int>& reads = syncs;
  disk.SetRule([&](const FaultyDisk::Call& call) {
    const bool fails = call.kind == Kind::kRead && !may_sync && ++reads > 20;
    return fails ? DiskFault::kNoMemory : DiskFault::kNone;
  });
  Start();
  ASSERT_TRUE(AwaitLog("count: out of memory"));
  EXPECT_FALSE(WaitUntil([&] { return reads > 200; }, milliseconds(1500)));
  may_sync = true;
  ASSERT_TRUE(AwaitLog("\"records\":6000"));
}

TEST_F(SpoolStartTest, IsCreatedOnceTheDiskHasSpace) {
  disk.Fail(Kind::kWrite, DiskFault::kFull);
  Start();
  ASSERT_TRUE(AwaitLog("spool.cannot_open"));
  EXPECT_EQ(Offer(1, "a"), "refused");
  disk.Mend();
  EXPECT_TRUE(StoresAgain(100));
}

TEST_F(SpoolStartTest, ReplaysReadableCallbacksFromAnUnwritableFile) {
  Open();
  ASSERT_EQ(Offer(1, "a"), "spooled");
  // The files after a kill, with a log that must be moved into the table.
  const std::string killed = (directory.path() / "killed.db").string();
  std::filesystem::copy(path, killed);
  std::filesystem::copy(path + "-wal", killed + "-wal");
  ASSERT_TRUE(spool->Close(Deadline::After(kPatience)));
  spool.reset();
  path = killed;
  disk.Fail(Kind::kWrite, DiskFault::kError);
  kafka.is_there = true;
  Start();
  EXPECT_TRUE(WaitUntil([&] { return !kafka.Keys().empty(); }, kPatience));
  EXPECT_FALSE(spool->HasRoom());
  EXPECT_FALSE(WaitUntil([&] { return kafka.Keys().size() > 1; }, milliseconds(1500)))
      << "not twice in one run";
  disk.Mend();
  EXPECT_TRUE(WaitUntil([&] { return spool->HasRoom(); }, kPatience));
  EXPECT_TRUE(WaitUntil(
      [&] { return Metrics().find("sluice_ingest_spool_records 0\n") != std::string::npos; },
      kPatience));
  EXPECT_THAT(kafka.Keys(), ElementsAre("a"));
}

TEST_F(SpoolStartTest, RefusesTheLogOfAnotherFileAndKeepsBoth) {
  Open();
  ASSERT_EQ(Offer(1, "a"), "spooled");
  const std::string killed = (directory.path() / "killed.db").string();
  std::filesystem::copy(path + "-wal", killed + "-wal");
  ASSERT_TRUE(spool->Close(Deadline::After(kPatience)));
  spool.reset();
  path = killed;
  {
    const auto other = SpoolDatabase::Open({.path = (directory.path() / "other.db").string()});
    ASSERT_TRUE(other);
    SpooledCallback callback = SampleCallback("x");
    callback.sequence = 1;
    ASSERT_TRUE((*other)->Append({&callback, 1}));
  }
  std::filesystem::rename(directory.path() / "other.db", path);
  const std::string file = tests::ReadFile(path);
  const std::string frames = tests::ReadFile(path + "-wal");
  Start();
  EXPECT_TRUE(AwaitLog("another file's")) << Log();
  EXPECT_FALSE(spool->HasRoom());
  EXPECT_EQ(Offer(2, "b"), "refused");
  EXPECT_EQ(tests::ReadFile(path), file);
  EXPECT_EQ(tests::ReadFile(path + "-wal"), frames);
  std::filesystem::remove(path + "-wal");
  EXPECT_TRUE(StoresAgain(100));
  EXPECT_THAT(AtThePath(), Contains("x"));
}

}  // namespace
}  // namespace ingest
