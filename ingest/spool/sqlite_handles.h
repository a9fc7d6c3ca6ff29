#pragma once

#include <sqlite3.h>

#include <memory>

namespace ingest {

struct CloseConnection {
  void operator()(sqlite3* connection) const { sqlite3_close(connection); }
};
/// Lifetime: finalise its statements first.
using SqliteConnection = std::unique_ptr<sqlite3, CloseConnection>;

struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using SqliteStatement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

/// Resets a statement after a run, so that it holds no lock and no bound value.
class StatementRun {
 public:
  explicit StatementRun(const SqliteStatement& statement) : statement_(statement.get()) {}
  ~StatementRun() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
  StatementRun(const StatementRun&) = delete;
  StatementRun& operator=(const StatementRun&) = delete;

 private:
  sqlite3_stmt* statement_;
};

}  // namespace ingest
