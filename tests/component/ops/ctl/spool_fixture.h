#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <chrono>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "ingest/spool/refused_callbacks.h"
#include "ops/ctl/run.h"
#include "tests/support/temp_directory.h"

namespace ctl {

/// A second connection to a database that sluicectl uses; stands for ingest.
class OtherProcess {
 public:
  explicit OtherProcess(const std::string& path) {
    sqlite3* opened = nullptr;
    EXPECT_EQ(sqlite3_open(path.c_str(), &opened), SQLITE_OK);
    connection_.reset(opened);
  }
  void Do(const char* sql) {
    EXPECT_EQ(sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(connection_.get());
  }

 private:
  ingest::SqliteConnection connection_;
};

/// Runs `sluicectl spool` on a spool in a temporary directory.
class SpoolCommandTest : public testing::Test {
 protected:
  int Spool(std::vector<std::string> arguments) { return SpoolAt(path, std::move(arguments)); }
  int SpoolAt(const std::string& file, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "spool");
    arguments.insert(arguments.end(), {"--path", file});
    std::ostringstream to_out;
    std::ostringstream to_err;
    const int status = ctl::Run({arguments.begin(), arguments.end()}, to_out, to_err);
    out = to_out.str();
    err = to_err.str();
    return status;
  }

  static ingest::RefusedCallback Sample(const std::string& id, const std::string& body) {
    ingest::RefusedCallback callback;
    callback.envelope.request_id = id;
    callback.envelope.provider = "paper";
    callback.envelope.key = "key-" + id;
    callback.envelope.body = body;
    callback.envelope.received_at = common::WallTime(std::chrono::milliseconds(1'700'000'000'123));
    callback.refused_at = common::WallTime(std::chrono::milliseconds(1'700'000'001'000));
    callback.reason = "MSG_SIZE_TOO_LARGE";
    return callback;
  }
  void Keep(const std::vector<ingest::RefusedCallback>& callbacks) {
    const auto kept = refused.Keep(callbacks);
    ASSERT_TRUE(kept) << kept.error().detail;
  }
  void KeepThree() { Keep({Sample("r1", "secret-1"), Sample("r2", "x"), Sample("r3", "")}); }

  tests::TempDirectory directory;
  std::string path = (directory.path() / "spool.db").string();
  ingest::RefusedCallbacks refused{ingest::RefusedCallbacks::PathBeside(path)};
  std::string out;
  std::string err;
};

}  // namespace ctl
