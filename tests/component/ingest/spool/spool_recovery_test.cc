#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/spool/sqlite_handles.h"
#include "ops/ctl/spool/recovery.h"
#include "tests/component/ingest/spool/spool_fixture.h"

// `sluicectl spool recover` saves callbacks from a damaged file, and ingest replays them.
namespace ingest {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using tests::WaitUntil;

constexpr std::size_t kPage = 4096;
constexpr int kFirst = 5000;  ///< Sequences of a file that has been in use for long.
constexpr int kCount = 600;

/// By key, in the order in which they came.
using BodiesByKey = std::map<std::string, std::vector<std::string>>;

class SpoolRecoveryTest : public SqliteSpoolTest {
 protected:
  SpoolRecoveryTest() {
    bounds.max_bytes = 10'000'000;
    std::vector<SpooledCallback> callbacks;
    for (int i = 0; i < kCount; ++i) {
      auto callback =
          SampleCallback("key\n'" + std::to_string(i % 40), i % 3 == 0 ? "connect" : "paper");
      callback.sequence = kFirst + i;
      callback.envelope.request_id = "r" + std::to_string(i);
      callback.envelope.body = std::to_string(i) + (i % 8 == 0 ? std::string(9000, 'b') : " short");
      callback.size = SizeInSpool(callback.envelope);
      callbacks.push_back(std::move(callback));
    }
    const auto database = SpoolDatabase::Open({.path = path});
    if (!database) throw std::runtime_error(database.error().detail);
    EXPECT_TRUE((*database)->Append(callbacks));
    EXPECT_TRUE((*database)->Remove(RowsOf(kFirst + 100)));
  }

  /// The pages of the table's leaves, in the order of the file, which is that of their rows.
  [[nodiscard]] std::vector<std::size_t> Leaves() const {
    constexpr char kLeaf = 0x0D;
    const std::string bytes = tests::ReadFile(path);
    std::vector<std::size_t> leaves;
    for (std::size_t page = 2; page * kPage < bytes.size(); ++page) {
      if (bytes[page * kPage] == kLeaf) leaves.push_back(page);
    }
    return leaves;
  }
  /// A page with nothing but a part of a body, behind the number of the page that follows.
  [[nodiscard]] std::size_t PageOfBody() const {
    return tests::ReadFile(path).find(std::string(kPage - 4, 'b')) / kPage;
  }
  /// Writes garbage over these pages.
  void Damage(const std::vector<std::size_t>& pages) const {
    std::mt19937 random(7);
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    for (const std::size_t page : pages) {
      std::string garbage(kPage, '\0');
      for (char& byte : garbage) byte = static_cast<char>(random());
      garbage.front() = '\xAA';  // No type that a page may have.
      file.seekp(static_cast<std::streamoff>(page * kPage));
      file << garbage;
    }
  }

  /// Asks SQLite for one sequence after the other, and keeps the rows that it finds.
  void FindSurvivors() {
    sqlite3* opened = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &opened), SQLITE_OK);
    const SqliteConnection connection(opened);
    for (int i = 0; i < kCount; ++i) {
      sqlite3_stmt* prepared = nullptr;
      const std::string sql =
          "SELECT key, body FROM callbacks WHERE seq = " + std::to_string(kFirst + i);
      ASSERT_EQ(sqlite3_prepare_v2(opened, sql.c_str(), -1, &prepared, nullptr), SQLITE_OK);
      const SqliteStatement statement(prepared);
      const int code = sqlite3_step(prepared);
      if (code == SQLITE_DONE) continue;
      if (code != SQLITE_ROW) {
        ++lost;
        continue;
      }
      const auto text = [&](int column) {
        return std::string(static_cast<const char*>(sqlite3_column_blob(prepared, column)),
                           static_cast<std::size_t>(sqlite3_column_bytes(prepared, column)));
      };
      survivors[text(0)].push_back(text(1));
      ++survived;
    }
    EXPECT_GE(survived + lost, kCount - 1U);
  }

  /// The runbook's way.
  void Recover() {
    const std::string into = (directory.path() / "new.db").string();
    recovered = ctl::RecoverSpool(path, into);
    ASSERT_TRUE(recovered) << recovered.error().detail;
    path = into;
  }

  void ExpectReplayOfSurvivors() {
    Open();
    EXPECT_TRUE(AwaitMetric("sluice_ingest_spool_records " + std::to_string(survived)));
    EXPECT_THAT(Metrics(), HasSubstr("\nsluice_ingest_spool_unreadable 0\n"));
    EXPECT_EQ(Offer(1, "new"), "spooled");
    EXPECT_EQ(OnDiskBeside(), survived + 1) << "a new callback took another one's sequence";
    survivors["new"].push_back("body of new");
    kafka.is_there = true;
    EXPECT_TRUE(WaitUntil([&] { return kafka.count() >= survived + 1; }, kPatience));
    EXPECT_TRUE(AwaitMetric("sluice_ingest_spool_records 0"));
    for (const auto& [key, bodies] : survivors) EXPECT_EQ(kafka.BodiesOf(key), bodies) << key;
    EXPECT_EQ(kafka.count(), survived + 1) << "something came twice";
    EXPECT_FALSE(spool->Holds("paper"));
    EXPECT_FALSE(spool->Holds("connect"));
    ASSERT_TRUE(spool->Close(common::Deadline::After(kPatience)));
    spool.reset();
    EXPECT_THAT(OnDisk(), IsEmpty());
  }
  /// As OnDisk(), while ingest has the file.
  std::size_t OnDiskBeside() { return AtThePath().size(); }

  BodiesByKey survivors;
  std::size_t survived = 0;
  std::size_t lost = 0;
  common::Result<ctl::RecoveredSpool> recovered{ctl::RecoveredSpool{}};
};

TEST_F(SpoolRecoveryTest, SavesEverythingOfAnUndamagedFile) {
  FindSurvivors();
  Recover();
  EXPECT_EQ(recovered->records, kCount - 1U);
  EXPECT_EQ(recovered->unreadable, 0U);
  ExpectReplayOfSurvivors();
}

TEST_F(SpoolRecoveryTest, SavesCallbacksBetweenDamagedPages) {
  const auto leaves = Leaves();
  ASSERT_GT(leaves.size(), 20U);
  std::vector<std::size_t> damaged{PageOfBody()};
  for (std::size_t i = 5; i + 5 < leaves.size(); ++i) {
    if (i % 5 != 0) damaged.push_back(leaves[i]);
  }
  Damage(damaged);
  FindSurvivors();
  ASSERT_GT(lost, 50U);
  ASSERT_GT(survived, 50U);
  Recover();
  EXPECT_EQ(recovered->records, survived);
  ASSERT_TRUE(recovered->unreadable);
  EXPECT_EQ(*recovered->unreadable, lost) << "the removed one is among them";
  ExpectReplayOfSurvivors();
}

TEST_F(SpoolRecoveryTest, SavesCallbacksBeforeDamagedEnd) {
  const auto leaves = Leaves();
  Damage({leaves[5], leaves.back()});
  FindSurvivors();
  ASSERT_GT(lost, 10U);
  Recover();
  EXPECT_EQ(recovered->records, survived);
  EXPECT_EQ(recovered->unreadable, std::nullopt) << "nobody can know how many there were";
  ExpectReplayOfSurvivors();
}

}  // namespace
}  // namespace ingest
