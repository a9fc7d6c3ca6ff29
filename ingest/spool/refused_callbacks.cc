#include "ingest/spool/refused_callbacks.h"

#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>

#include "ingest/spool/spool_file.h"
#include "ingest/spool/sqlite_query.h"

namespace ingest {
namespace {

using common::Result;

/// The limits of one transaction that reads.
constexpr std::int64_t kMostOfAPage = 256;
constexpr std::size_t kMostBytesOfAPage = 4ULL * 1024 * 1024;

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

Result<void> Run(const SqliteConnection& connection, const char* sql, const char* step) {
  const int code = sqlite3_exec(connection.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return SqliteQuery::FailureOf(connection.get(), code, step);
  return {};
}

/// Closing the connection rolls back an incomplete change.
Result<void> InTransaction(const SqliteConnection& connection, const auto& change) {
  if (auto begun = Run(connection, "BEGIN IMMEDIATE", "keep refused callbacks"); !begun)
    return begun;
  if (Result<void> changed = change(); !changed) return changed;
  return Run(connection, "COMMIT", "keep refused callbacks");
}

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

/// Adds the counts to the file of a build that kept none. True if it has added them.
Result<bool> AddCounts(const SqliteConnection& connection) {
  constexpr const char* kIsThere = "SELECT count(*) FROM sqlite_schema WHERE name = 'counts'";
  auto found = ReadNumber(connection, kIsThere);
  if (!found) return found.error();
  if (*found > 0) return false;
  const auto added = InTransaction(connection, [&]() -> Result<void> {
    found = ReadNumber(connection, kIsThere);
    if (!found) return found.error();
    return *found > 0 ? Result<void>() : Run(connection, kMakeCounts, "count what it holds");
  });
  if (!added) return added.error();
  return *found == 0;
}

RefusedCallback RowOf(const SqliteQuery& row) {
  RefusedCallback callback;
  common::Envelope& envelope = callback.envelope;
  const auto time_at = [&](int column) {
    return common::WallTime(std::chrono::milliseconds(row.NumberAt(column)));
  };
  envelope.request_id = row.TextAt(0);
  envelope.provider = row.TextAt(1);
  envelope.key = row.TextAt(2);
  envelope.received_at = time_at(3);
  envelope.content_type = row.OptionalTextAt(4);
  envelope.traceparent = row.OptionalTextAt(5);
  envelope.spooled = true;
  callback.refused_at = time_at(6);
  callback.reason = row.TextAt(7);
  callback.is_to_be_retried = row.NumberAt(8) != 0;
  envelope.body = row.TextAt(9);
  callback.body_size = static_cast<std::size_t>(row.NumberAt(10));
  return callback;
}

/// Reads the rows after `after`, and sets `after` to the last one read.
Result<std::vector<RefusedCallback>> ReadPage(const SqliteConnection& connection,
                                              const RefusedCallbacks::Selection& selection,
                                              std::int64_t& after) {
  std::string sql =
      "SELECT request_id, provider, key, received_at, content_type, traceparent, refused_at,"
      " reason, retry, ";
  sql += selection.with_body ? "body" : "x''";
  sql += ", length(body), id FROM refused WHERE id > ?";
  if (selection.only_to_be_retried) sql += " AND retry = 1";
  if (selection.request_id) sql += " AND request_id = ?";
  sql += " ORDER BY id LIMIT " + std::to_string(kMostOfAPage);
  SqliteQuery rows(connection, sql.c_str());
  rows.Bind(after);
  if (selection.request_id) rows.Bind(std::string_view(*selection.request_id));
  std::vector<RefusedCallback> page;
  std::size_t bytes = 0;
  while (bytes < kMostBytesOfAPage && rows.Step()) {
    page.push_back(RowOf(rows));
    bytes += page.back().envelope.body.size();
    after = rows.NumberAt(11);
  }
  if (auto read = rows.End("read the refused callbacks"); !read) return read.error();
  return page;
}

}  // namespace

Result<SqliteConnection> RefusedCallbacks::Open(IfMissing if_missing) {
  std::error_code error;
  if (if_missing == IfMissing::kLeave && !std::filesystem::exists(path_, error)) {
    return SqliteConnection();
  }
  const auto prepared =
      if_missing == IfMissing::kMake ? PrepareSpoolFile(path_) : PrepareToRead(path_);
  if (!prepared) return prepared.error();
  sqlite3* opened = nullptr;
  const int code =
      sqlite3_open_v2(path_.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                      vfs_.empty() ? nullptr : vfs_.c_str());
  SqliteConnection connection(opened);
  if (code != SQLITE_OK) return SqliteQuery::FailureOf(opened, code, kOpening);
  sqlite3_extended_result_codes(opened, 1);
  sqlite3_busy_timeout(opened, static_cast<int>(patience_.count()));
  // A commit ends with the removal of the journal. FULL would not sync the folder afterwards: after
  // a power cut the journal might be back and undo a commit whose callbacks have left the spool.
  if (auto set = Run(connection, "PRAGMA synchronous = EXTRA", "prepare"); !set) return set.error();
  const auto is_made = IsMade(connection);
  if (!is_made) return is_made.error();
  if (*is_made) return connection;
  if (if_missing == IfMissing::kLeave) return SqliteConnection();
  const auto made = InTransaction(connection, [&]() -> Result<void> {
    for (const char* part : {kMakeTable, kMakeCounts, kMarkAsOurs}) {
      if (auto done = Run(connection, part, kOpening); !done) return done;
    }
    return {};
  });
  if (!made) return made.error();
  return connection;
}

Result<void> RefusedCallbacks::Keep(std::span<const RefusedCallback> callbacks) {
  auto connection = Open(IfMissing::kMake);
  if (!connection) return connection.error();
  return InTransaction(*connection, [&]() -> Result<void> {
    for (const RefusedCallback& callback : callbacks) {
      const common::Envelope& envelope = callback.envelope;
      SqliteQuery insert(*connection,
                         "INSERT INTO refused(request_id, provider, key, received_at,"
                         " content_type, traceparent, refused_at, reason, body)"
                         " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)");
      insert.Bind(std::string_view(envelope.request_id))
          .Bind(std::string_view(envelope.provider))
          .Bind(std::string_view(envelope.key))
          .Bind(envelope.received_at)
          .Bind(envelope.content_type)
          .Bind(envelope.traceparent)
          .Bind(callback.refused_at)
          .Bind(std::string_view(callback.reason))
          .BindBlob(envelope.body)
          .Step();
      if (auto done = insert.End("keep a refused callback"); !done) return done;
    }
    return {};
  });
}

Result<void> RefusedCallbacks::Remove(std::span<const std::string> request_ids) {
  auto connection = Open(IfMissing::kLeave);
  if (!connection) return connection.error();
  if (!*connection) return {};
  return InTransaction(*connection, [&]() -> Result<void> {
    for (const std::string& request_id : request_ids) {
      SqliteQuery remove(*connection, "DELETE FROM refused WHERE request_id = ?");
      remove.Bind(std::string_view(request_id)).Step();
      if (auto done = remove.End("remove a refused callback"); !done) return done;
    }
    return {};
  });
}

Result<RefusedCallbacks::Counts> RefusedCallbacks::Count() {
  auto connection = Open(IfMissing::kLeave);
  if (!connection) return connection.error();
  if (!*connection) return Counts{};
  const auto added = AddCounts(*connection);
  if (!added) return added.error();
  SqliteQuery count(*connection, "SELECT records, to_be_retried FROM counts");
  count.Step();
  if (auto read = count.End("count the refused callbacks"); !read) return read.error();
  return Counts{.records = static_cast<std::size_t>(count.NumberAt(0)),
                .to_be_retried = static_cast<std::size_t>(count.NumberAt(1)),
                .were_added = *added};
}

Result<void> RefusedCallbacks::ForEach(const Selection& selection, const Visit& visit) {
  auto connection = Open(IfMissing::kLeave);
  if (!connection) return connection.error();
  if (!*connection) return {};
  std::int64_t after = 0;
  for (;;) {
    auto page = ReadPage(*connection, selection, after);
    if (!page) return page.error();
    if (page->empty()) return {};
    for (RefusedCallback& callback : *page) {
      if (!visit(std::move(callback))) return {};
    }
  }
}

Result<std::size_t> RefusedCallbacks::MarkForRetry(const std::optional<std::string>& request_id) {
  auto connection = Open(IfMissing::kLeave);
  if (!connection) return connection.error();
  if (!*connection) return std::size_t{0};
  SqliteQuery mark(*connection, request_id ? "UPDATE refused SET retry = 1 WHERE request_id = ?"
                                           : "UPDATE refused SET retry = 1");
  if (request_id) mark.Bind(std::string_view(*request_id));
  mark.Step();
  if (auto done = mark.End("mark refused callbacks"); !done) return done.error();
  return static_cast<std::size_t>(sqlite3_changes(connection->get()));
}

}  // namespace ingest
