#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "ingest/spool/spool_count.h"
#include "tests/component/ingest/spool/spool_fixture.h"

// The spool with a partly unreadable file: it must use the readable part.
namespace ingest {
namespace {

namespace fs = std::filesystem;
using common::Deadline;
using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;
using tests::WaitUntil;
using DiskFault = FaultyDisk::DiskFault;
using Kind = FaultyDisk::Kind;

constexpr int kCount = 3000;

class SpoolUnreadableTest : public SqliteSpoolTest {
 protected:
  SpoolUnreadableTest() { bounds.max_bytes = 1'000'000; }

  /// Writes kCount callbacks and makes one page within the table unreadable.
  void FillWithABadPage() {
    Fill(kCount);
    constexpr std::size_t kPage = 4096;
    constexpr char kLeaf = 0x0D;
    const std::string bytes = tests::ReadFile(path);
    std::size_t leaves = 0;
    for (std::size_t page = 2; page * kPage < bytes.size(); ++page) {
      if (bytes[page * kPage] == kLeaf && ++leaves == 10) bad = page * kPage;
    }
    ASSERT_GT(leaves, 15U);
    // In a cell, the time follows the key.
    const std::string page = bytes.substr(bad, kPage);
    for (int i = 1; i <= kCount; ++i) {
      const std::string key = "key-" + std::to_string(i) + '\x01';
      if (page.find(key) != std::string::npos) ++on_bad_page;
    }
    disk.SetRule([this](const FaultyDisk::Call& call) {
      const bool is_bad =
          call.kind == Kind::kRead && !call.is_log && call.offset == static_cast<std::int64_t>(bad);
      return is_bad ? DiskFault::kError : DiskFault::kNone;
    });
    ASSERT_GT(on_bad_page, 10U);
  }
  [[nodiscard]] std::size_t Readable() const { return kCount - on_bad_page; }

  std::size_t bad = 0;  ///< Its offset.
  std::size_t on_bad_page = 0;
};

// Replay may read them while the rest of the file is still being counted.
TEST_F(SpoolUnreadableTest, CountsSkippedRowsOnceWhenTheyAreFoundBeforeCountingEnds) {
  FillWithABadPage();
  auto database = SpoolDatabase::Open({.path = path, .vfs = disk.name()});
  ASSERT_TRUE(database) << database.error().detail;
  SpoolCount count(kCount);
  std::size_t counted = 0;
  const auto count_a_row = [&] {
    const auto part = count.GoOn(**database, Deadline(Deadline::Clock::time_point{}), {});
    for (const auto& [provider, amount] : part.holdings.by_provider) counted += amount.records;
    count.TryAgain();
  };
  std::size_t skipped = 0;
  while (!count.is_done() && skipped == 0) {
    const std::int64_t before = count.counted_to();
    count_a_row();
    skipped = static_cast<std::size_t>(count.counted_to()) - counted;
    ASSERT_GE(count.counted_to(), before);
  }
  ASSERT_FALSE(count.is_done());
  ASSERT_GE(skipped, on_bad_page);

  disk.Mend();
  std::size_t late = 0;
  for (int repeat = 0; repeat < 2; ++repeat) {
    for (std::int64_t row = 1; row <= kCount; ++row) late += count.FindLate(row) ? 1 : 0;
  }
  EXPECT_EQ(late, skipped);
  while (!count.is_done()) count_a_row();
  EXPECT_EQ(counted + late, static_cast<std::size_t>(kCount));
}

TEST_F(SpoolUnreadableTest, ReplaysAllCallbacksBehindAnUnreadablePage) {
  FillWithABadPage();
  Open();
  EXPECT_THAT(Log(), Not(HasSubstr("\"records\":" + std::to_string(kCount))));
  EXPECT_TRUE(spool->HasRoom());
  kafka.is_there = true;
  EXPECT_TRUE(WaitUntil([&] { return kafka.Keys().size() >= Readable(); }, 2 * kPatience))
      << kafka.Keys().size() << " of " << Readable();
  EXPECT_TRUE(WaitUntil([&] { return !spool->Holds("paper"); }, kPatience))
      << "uncounted callbacks must not be subtracted";
  EXPECT_TRUE(spool->HasRoom());
  EXPECT_EQ(Offer(1, "new"), "spooled");
  EXPECT_THAT(Log(), HasSubstr("\"event\":\"spool.unreadable\""));
  EXPECT_THAT(Metrics(), Not(HasSubstr("\nsluice_ingest_spool_unreadable 0\n")));
  disk.Mend();
  EXPECT_TRUE(WaitUntil([&] { return kafka.Keys().size() > Readable() + 1; }, 3 * kPatience))
      << "it retries the page";
  const std::vector<std::string> keys = kafka.Keys();
  EXPECT_EQ(std::set(keys.begin(), keys.end()).size(), keys.size()) << "each must arrive once";
}

TEST_F(SpoolUnreadableTest, RetriesFailedRowsThatHaveBecomeReadable) {
  FillWithABadPage();
  Open();
  kafka.is_there = true;
  ASSERT_TRUE(WaitUntil([&] { return kafka.Keys().size() >= Readable(); }, 2 * kPatience));
  ASSERT_TRUE(WaitUntil([&] { return !spool->Holds("paper"); }, kPatience));
  kafka.acknowledges = false;
  disk.Mend();
  const std::string none = "\nsluice_ingest_spool_unreadable 0\n";
  ASSERT_TRUE(WaitUntil([&] { return Metrics().find(none) != std::string::npos; }, 3 * kPatience));
  EXPECT_TRUE(spool->Holds("paper")) << "new ones must not overtake them";
  EXPECT_TRUE(AwaitMetric("sluice_ingest_spool_records " + std::to_string(on_bad_page)));
  const std::size_t offered = kafka.Keys().size();
  kafka.acknowledges = true;
  EXPECT_TRUE(
      WaitUntil([&] { return kafka.Keys().size() >= offered + on_bad_page; }, 3 * kPatience))
      << kafka.Keys().size() - offered << " of " << on_bad_page;
  EXPECT_TRUE(WaitUntil([&] { return !spool->Holds("paper"); }, kPatience));
  EXPECT_TRUE(AwaitMetric("sluice_ingest_spool_records 0"));
}

TEST_F(SpoolUnreadableTest, SavesAllReadableCallbacksOfALostFile) {
  FillWithABadPage();
  Open();
  fs::remove(path);
  fs::remove(path + "-wal");
  ASSERT_TRUE(AwaitLog("spool.file_replaced")) << Log();
  EXPECT_THAT(Log(), HasSubstr("\"copied\":" + std::to_string(Readable()) + ","));
  EXPECT_THAT(Log(), HasSubstr("\"unreadable\":" + std::to_string(on_bad_page)));
  EXPECT_TRUE(AwaitMetric("sluice_ingest_spool_left_behind_total " + std::to_string(on_bad_page)));
  EXPECT_EQ(AtThePath().size(), Readable());
}

TEST_F(SpoolUnreadableTest, LeavesNoCallbackBehindThatIsReadableAMomentLater) {
  FillWithABadPage();
  Open();
  fs::remove(path);
  fs::remove(path + "-wal");
  ASSERT_TRUE(AwaitLog("spool.cannot_open"));
  disk.Mend();
  ASSERT_TRUE(AwaitLog("spool.file_replaced"));
  EXPECT_THAT(Log(), HasSubstr("\"copied\":" + std::to_string(kCount)));
}

TEST_F(SpoolUnreadableTest, CopiesALostFileOnceThereIsSpace) {
  Fill(kCount);
  Open();
  free_disk = bounds.min_free_disk + 50'000;
  fs::remove(path);
  fs::remove(path + "-wal");
  ASSERT_TRUE(AwaitLog("there is no room for what waits"));
  EXPECT_TRUE(WaitUntil([&] { return !spool->HasRoom(); }, kPatience));
  EXPECT_EQ(AtThePath().size(), 0U) << "min_free_disk must stay free";
  free_disk = 1'000'000'000;
  ASSERT_TRUE(AwaitLog("spool.file_replaced"));
  EXPECT_THAT(Log(), HasSubstr("\"copied\":" + std::to_string(kCount)));
}

TEST_F(SpoolUnreadableTest, CopiesALostFileOnceReplayHasMadeRoom) {
  bounds.max_bytes = 400'000;
  const std::string other = (directory.path() / "other.db").string();
  Fill(kCount);
  fs::copy(path, other);
  Open();
  fs::rename(other, path);  // Together they exceed max_bytes.
  ASSERT_TRUE(AwaitLog("there is no room for what waits"));
  EXPECT_TRUE(WaitUntil([&] { return !spool->HasRoom(); }, kPatience));
  kafka.is_there = true;
  EXPECT_TRUE(AwaitMetric("sluice_ingest_spool_records 0"));
  EXPECT_THAT(Log(), HasSubstr("spool.file_replaced"));
}

TEST_F(SpoolUnreadableTest, SavesADamagedFilesCallbacksOnceItIsMovedAway) {
  Open();
  ASSERT_EQ(Offer(1, "a"), "spooled");
  StoreAndDamage(2);
  Open();
  for (const char* key : {"b", "c"}) ASSERT_EQ(Offer(3, key), "spooled");
  kafka.acknowledges = false;
  kafka.is_there = true;
  ASSERT_TRUE(AwaitLog("spool.damaged"));
  const std::string elsewhere = (directory.path() / "elsewhere.db").string();
  fs::rename(path, elsewhere);
  fs::rename(path + "-wal", elsewhere + "-wal");
  EXPECT_TRUE(StoresAgain(100));
  EXPECT_THAT(AtThePath(), IsSupersetOf({"a", "b", "c"}));
  EXPECT_THAT(Log(), HasSubstr("\"copied\":3,\"unreadable\":1"));
}

}  // namespace
}  // namespace ingest
