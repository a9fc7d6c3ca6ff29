#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include "tests/component/ingest/support/running_ingest.h"
#include "tests/harness/process.h"
#include "tests/support/http_client.h"
#include "tests/support/temp_directory.h"
#include "tests/support/wait_until.h"

namespace ingest {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

void RunSql(const std::string& path, const char* sql) {
  sqlite3* database = nullptr;
  sqlite3_open(path.c_str(), &database);
  sqlite3_exec(database, sql, nullptr, nullptr, nullptr);
  sqlite3_close(database);
}

/// An unusable file at the spool's path when ingest starts.
struct UnfitSpool {
  std::string name;
  std::function<void(const std::string& path)> make;
  std::string why;
};
void PrintTo(const UnfitSpool& spool, std::ostream* out) { *out << spool.name; }

class UnfitSpoolTest : public ::testing::TestWithParam<UnfitSpool> {
 protected:
  tests::TempDirectory directory;
};

TEST_P(UnfitSpoolTest, KeepsIngestServingAndStaysUntouchedUntilItCanBeOpened) {
  const std::string path = (directory.path() / "spool.db").string();
  GetParam().make(path);
  const auto content = std::filesystem::is_regular_file(path) ? tests::ReadFile(path) : "";
  RunningIngest ingest({.more = "spool: { path: " + path + ", min_free_disk: 1MiB }\n"});
  ASSERT_TRUE(ingest.process().WaitForOutput("spool.cannot_open", seconds(30)));
  EXPECT_THAT(ingest.process().StandardError(), HasSubstr(GetParam().why));
  EXPECT_EQ(tests::Post(ingest.Url("/callbacks/connect"), "{}").status, 503) << "no Kafka either";
  EXPECT_EQ(tests::Get(ingest.AdminUrl("/livez")).status, 200);
  const auto ready = tests::Get(ingest.AdminUrl("/readyz"));
  EXPECT_EQ(ready.body, "{\"ready\":false,\"missing\":[\"kafka\",\"spool\"]}\n");
  EXPECT_THAT(ingest.Metrics(), HasSubstr("\nsluice_ingest_spool_open 0\n"));
  EXPECT_THAT(ingest.Metrics(), Not(HasSubstr("\nsluice_ingest_spool_records ")))
      << "unknown until the spool is open";
  if (!content.empty()) {
    EXPECT_EQ(tests::ReadFile(path), content);
  }

  // An operator repairs it.
  std::filesystem::remove_all(path);
  std::filesystem::remove(path + "-wal");
  EXPECT_TRUE(ingest.process().WaitForOutput("spool.opened", seconds(30)));
  EXPECT_TRUE(tests::WaitUntil(
      [&] { return tests::Post(ingest.Url("/callbacks/connect"), "{}").status == 200; },
      seconds(30)));
  EXPECT_TRUE(ingest.WaitUntilReady(seconds(30)));
  EXPECT_THAT(ingest.Metrics(), HasSubstr("\nsluice_ingest_spool_open 1\n"));
}

INSTANTIATE_TEST_SUITE_P(
    OfEachKind, UnfitSpoolTest,
    ::testing::Values(
        UnfitSpool{"Garbage",
                   [](const std::string& path) { std::ofstream(path) << std::string(9000, '#'); },
                   "not a database"},
        UnfitSpool{"OtherVersion",
                   [](const std::string& path) {
                     RunSql(path,
                            "CREATE TABLE callbacks(seq); PRAGMA application_id = 1397511491;"
                            "PRAGMA user_version = 1000");
                   },
                   "its version is 1000"},
        UnfitSpool{"SomethingElse",
                   [](const std::string& path) { RunSql(path, "CREATE TABLE t(x)"); },
                   "a database of something else"},
        UnfitSpool{"Directory",
                   [](const std::string& path) { std::filesystem::create_directory(path); },
                   "is not a file"},
        UnfitSpool{"LogWithoutItsDatabase",
                   [](const std::string& path) { std::ofstream(path + "-wal") << "frames"; },
                   "put both back"}),
    [](const auto& spool) { return spool.param.name; });

}  // namespace
}  // namespace ingest
