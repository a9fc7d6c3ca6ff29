#include "ingest/spool/refused_file.h"

#include <cstdint>
#include <filesystem>
#include <system_error>
#include <utility>

#include "ingest/spool/spool_file.h"

namespace ingest {
namespace {

using common::Result;

constexpr std::int64_t kApplicationId = 0x534C5552;  // "SLUR"
constexpr std::int64_t kVersion = 1;
constexpr const char* kMakeTable =
    "CREATE TABLE refused("
    " id INTEGER PRIMARY KEY, request_id TEXT NOT NULL UNIQUE, provider TEXT NOT NULL,"
    " key TEXT NOT NULL, received_at INTEGER NOT NULL, content_type TEXT, traceparent TEXT,"
    " refused_at INTEGER NOT NULL, reason TEXT NOT NULL, retry INTEGER NOT NULL DEFAULT 0,"
    " body BLOB NOT NULL);"
    "CREATE INDEX by_retry ON refused(retry);";
constexpr const char* kMakeCounts =
    // One row, because counting the rows of `refused` takes time proportional to their number.
    "CREATE TABLE counts(records INTEGER NOT NULL, to_be_retried INTEGER NOT NULL);"
    "INSERT INTO counts SELECT count(*), coalesce(sum(retry), 0) FROM refused;"
    "CREATE TRIGGER on_keep BEFORE INSERT ON refused BEGIN"
    // REPLACE runs no trigger for the row that it removes.
    " DELETE FROM refused WHERE request_id = new.request_id;"
    " UPDATE counts SET records = records + 1, to_be_retried = to_be_retried + new.retry;"
    "END;"
    "CREATE TRIGGER on_remove AFTER DELETE ON refused BEGIN"
    " UPDATE counts SET records = records - 1, to_be_retried = to_be_retried - old.retry;"
    "END;"
    "CREATE TRIGGER on_mark AFTER UPDATE OF retry ON refused WHEN old.retry <> new.retry BEGIN"
    " UPDATE counts SET to_be_retried = to_be_retried + new.retry - old.retry;"
    "END;";
constexpr const char* kMarkAsOurs =
    "PRAGMA application_id = 1397511506;"
    "PRAGMA user_version = 1;";
static_assert(kApplicationId == 1397511506);

constexpr const char* kOpening = "open the refused callbacks";

common::Error CannotOpen(std::string why) {
  return {common::Remedy::kStop, "cannot_open", std::move(why)};
}

Result<std::int64_t> ReadNumber(const SqliteConnection& connection, const char* sql) {
  SqliteQuery query(connection, sql);
  query.Step();
  if (auto read = query.End(kOpening); !read) return read.error();
  return query.NumberAt(0);
}

/// True if the database has a table, which is ours.
Result<bool> IsMade(const SqliteConnection& connection) {
  const auto tables = ReadNumber(connection, "SELECT count(*) FROM sqlite_schema");
  if (!tables) return tables.error();
  if (*tables == 0) return false;
  const auto application = ReadNumber(connection, "PRAGMA application_id");
  if (!application) return application.error();
  if (*application != kApplicationId) return CannotOpen("it is a database of something else");
  const auto version = ReadNumber(connection, "PRAGMA user_version");
  if (!version) return version.error();
  if (*version != kVersion) {
    return CannotOpen("it has version " + std::to_string(*version) + ", not " +
                      std::to_string(kVersion));
  }
  return true;
}

/// Removes other users' permissions if possible; a reader need not be the owner.
Result<void> PrepareToRead(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::file_status found = fs::status(path, error);
  if (fs::exists(found) && !fs::is_regular_file(found)) return CannotOpen(path + " is not a file");
  constexpr fs::perms kOthers = fs::perms::group_all | fs::perms::others_all;
  if ((found.permissions() & kOthers) != fs::perms::none) {
    fs::permissions(path, kOthers, fs::perm_options::remove, error);
  }
  return {};
}

}  // namespace

Result<void> Execute(const SqliteConnection& connection, const char* sql, const char* step) {
  const int code = sqlite3_exec(connection.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return SqliteQuery::FailureOf(connection.get(), code, step);
  return {};
}

Result<bool> AddCounts(const SqliteConnection& connection) {
  constexpr const char* kIsThere = "SELECT count(*) FROM sqlite_schema WHERE name = 'counts'";
  auto found = ReadNumber(connection, kIsThere);
  if (!found) return found.error();
  if (*found > 0) return false;
  const auto added = InTransaction(connection, [&]() -> Result<void> {
    found = ReadNumber(connection, kIsThere);
    if (!found) return found.error();
    return *found > 0 ? Result<void>() : Execute(connection, kMakeCounts, "count what it holds");
  });
  if (!added) return added.error();
  return *found == 0;
}

Result<SqliteConnection> RefusedFile::Open(IfMissing if_missing) const {
  std::error_code error;
  if (if_missing == IfMissing::kLeave && !std::filesystem::exists(path, error)) {
    return SqliteConnection();
  }
  const auto prepared =
      if_missing == IfMissing::kMake ? PrepareSpoolFile(path) : PrepareToRead(path);
  if (!prepared) return prepared.error();
  sqlite3* opened = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                      vfs.empty() ? nullptr : vfs.c_str());
  SqliteConnection connection(opened);
  if (code != SQLITE_OK) return SqliteQuery::FailureOf(opened, code, kOpening);
  sqlite3_extended_result_codes(opened, 1);
  sqlite3_busy_timeout(opened, static_cast<int>(patience.count()));
  // A commit ends with the removal of the journal. FULL would not sync the folder afterwards: after
  // a power cut the journal might be back and undo a commit whose callbacks have left the spool.
  if (auto set = Execute(connection, "PRAGMA synchronous = EXTRA", "prepare"); !set)
    return set.error();
  const auto is_made = IsMade(connection);
  if (!is_made) return is_made.error();
  if (*is_made) return connection;
  if (if_missing == IfMissing::kLeave) return SqliteConnection();
  const auto made = InTransaction(connection, [&]() -> Result<void> {
    for (const char* part : {kMakeTable, kMakeCounts, kMarkAsOurs}) {
      if (auto done = Execute(connection, part, kOpening); !done) return done;
    }
    return {};
  });
  if (!made) return made.error();
  return connection;
}

}  // namespace ingest
