#include "ingest/spool/refused_callbacks.h"

#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>

#include "ingest/spool/spool_file.h"
#include "ingest/spool/sqlite_error.h"

namespace ingest {
namespace {

using common::Result;

/// For another process that reads or writes at the same moment.
constexpr int kBusyTimeoutMs = 200;

constexpr std::int64_t kApplicationId = 0x534C5552;  // "SLUR"
constexpr const char* kMakeSchema =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE refused("
    " id INTEGER PRIMARY KEY, request_id TEXT NOT NULL UNIQUE, provider TEXT NOT NULL,"
    " key TEXT NOT NULL, received_at INTEGER NOT NULL, content_type TEXT, traceparent TEXT,"
    " refused_at INTEGER NOT NULL, reason TEXT NOT NULL, retry INTEGER NOT NULL DEFAULT 0,"
    " body BLOB NOT NULL);"
    "CREATE INDEX by_retry ON refused(retry);"
    "PRAGMA application_id = 1397511506;"
    "PRAGMA user_version = 1;"
    "COMMIT";
static_assert(kApplicationId == 1397511506);

/// A statement with its values, one after the other.
class Query {
 public:
  Query(const SqliteConnection& connection, const char* sql) : connection_(connection.get()) {
    sqlite3_stmt* prepared = nullptr;
    code_ = sqlite3_prepare_v2(connection_, sql, -1, &prepared, nullptr);
    statement_.reset(prepared);
  }

  Query& Bind(std::string_view text) {
    Note(sqlite3_bind_text64(statement_.get(), ++bound_, text.data(), text.size(), SQLITE_TRANSIENT,
                             SQLITE_UTF8));
    return *this;
  }
  Query& Bind(const std::optional<std::string>& text) {
    if (text) return Bind(std::string_view(*text));
    Note(sqlite3_bind_null(statement_.get(), ++bound_));
    return *this;
  }
  Query& Bind(std::int64_t number) {
    Note(sqlite3_bind_int64(statement_.get(), ++bound_, number));
    return *this;
  }
  Query& BindBlob(std::string_view bytes) {
    Note(sqlite3_bind_blob64(statement_.get(), ++bound_, bytes.empty() ? "" : bytes.data(),
                             bytes.size(), SQLITE_STATIC));
    return *this;
  }
  Query& Bind(common::WallTime time) { return Bind(std::int64_t{time.time_since_epoch().count()}); }

  /// Whether there is a row.
  bool Step() {
    if (code_ == SQLITE_OK || code_ == SQLITE_ROW) code_ = sqlite3_step(statement_.get());
    return code_ == SQLITE_ROW;
  }
  [[nodiscard]] std::int64_t NumberAt(int column) const {
    return sqlite3_column_int64(statement_.get(), column);
  }
  [[nodiscard]] std::string TextAt(int column) const {
    const void* bytes = sqlite3_column_blob(statement_.get(), column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
    return bytes == nullptr ? std::string() : std::string(static_cast<const char*>(bytes), size);
  }
  [[nodiscard]] std::optional<std::string> OptionalTextAt(int column) const {
    if (sqlite3_column_type(statement_.get(), column) == SQLITE_NULL) return std::nullopt;
    return TextAt(column);
  }

  [[nodiscard]] Result<void> End(const char* step) const {
    if (code_ == SQLITE_OK || code_ == SQLITE_ROW || code_ == SQLITE_DONE) return {};
    return FailureOf(connection_, code_, step);
  }
  static common::Error FailureOf(sqlite3* connection, int code, const char* step) {
    common::Error error = ErrorOf(connection, code, step);
    if (error.code == "in_use") return {common::Remedy::kRetry, "busy", std::move(error.detail)};
    return error;
  }

 private:
  void Note(int code) {
    if (code_ == SQLITE_OK) code_ = code;
  }

  sqlite3* connection_;
  SqliteStatement statement_;
  int code_ = SQLITE_OK;
  int bound_ = 0;
};

Result<void> Run(const SqliteConnection& connection, const char* sql, const char* step) {
  const int code = sqlite3_exec(connection.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return Query::FailureOf(connection.get(), code, step);
  return {};
}

/// What fails in between is rolled back when the connection is closed.
Result<void> InTransaction(const SqliteConnection& connection, const auto& change) {
  if (auto begun = Run(connection, "BEGIN IMMEDIATE", "keep refused callbacks"); !begun)
    return begun;
  if (Result<void> changed = change(); !changed) return changed;
  return Run(connection, "COMMIT", "keep refused callbacks");
}

/// Makes the table in an empty file.
Result<void> Claim(const SqliteConnection& connection) {
  constexpr const char* kStep = "open the refused callbacks";
  Query tables(connection, "SELECT count(*) FROM sqlite_schema");
  tables.Step();
  if (auto read = tables.End(kStep); !read) return read;
  if (tables.NumberAt(0) == 0) return Run(connection, kMakeSchema, kStep);
  Query application(connection, "PRAGMA application_id");
  application.Step();
  if (auto read = application.End(kStep); !read) return read;
  if (application.NumberAt(0) == kApplicationId) return {};
  return common::Error{common::Remedy::kStop, "cannot_open", "it is a database of something else"};
}

RefusedCallback RowOf(const Query& row) {
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
  return callback;
}

}  // namespace

Result<SqliteConnection> RefusedCallbacks::Open(IfMissing if_missing) {
  std::error_code error;
  if (if_missing == IfMissing::kLeave && !std::filesystem::exists(path_, error)) {
    return SqliteConnection();
  }
  if (auto prepared = PrepareSpoolFile(path_); !prepared) return prepared.error();
  sqlite3* opened = nullptr;
  const int code =
      sqlite3_open_v2(path_.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                      vfs_.empty() ? nullptr : vfs_.c_str());
  SqliteConnection connection(opened);
  if (code != SQLITE_OK) return Query::FailureOf(opened, code, "open the refused callbacks");
  sqlite3_extended_result_codes(opened, 1);
  sqlite3_busy_timeout(opened, kBusyTimeoutMs);
  if (auto set = Run(connection, "PRAGMA synchronous = FULL", "prepare"); !set) return set.error();
  if (auto claimed = Claim(connection); !claimed) return claimed.error();
  return connection;
}

Result<void> RefusedCallbacks::Keep(std::span<const RefusedCallback> callbacks) {
  auto connection = Open(IfMissing::kMake);
  if (!connection) return connection.error();
  return InTransaction(*connection, [&]() -> Result<void> {
    for (const RefusedCallback& callback : callbacks) {
      const common::Envelope& envelope = callback.envelope;
      Query insert(*connection,
                   "INSERT OR REPLACE INTO refused(request_id, provider, key, received_at,"
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
      Query remove(*connection, "DELETE FROM refused WHERE request_id = ?");
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
  Query count(*connection, "SELECT count(*), coalesce(sum(retry), 0) FROM refused");
  count.Step();
  if (auto read = count.End("count the refused callbacks"); !read) return read.error();
  return Counts{.records = static_cast<std::size_t>(count.NumberAt(0)),
                .to_be_retried = static_cast<std::size_t>(count.NumberAt(1))};
}

Result<void> RefusedCallbacks::ForEach(const Selection& selection, const Visit& visit) {
  auto connection = Open(IfMissing::kLeave);
  if (!connection) return connection.error();
  if (!*connection) return {};
  std::string sql =
      "SELECT request_id, provider, key, received_at, content_type, traceparent, refused_at,"
      " reason, retry, ";
  sql += selection.with_body ? "body" : "x''";
  sql += " FROM refused WHERE retry >= ?";
  if (selection.request_id) sql += " AND request_id = ?";
  sql += " ORDER BY id";
  Query rows(*connection, sql.c_str());
  rows.Bind(std::int64_t{selection.only_to_be_retried ? 1 : 0});
  if (selection.request_id) rows.Bind(std::string_view(*selection.request_id));
  while (rows.Step() && visit(RowOf(rows))) {
  }
  return rows.End("read the refused callbacks");
}

Result<std::size_t> RefusedCallbacks::MarkForRetry(const std::optional<std::string>& request_id) {
  auto connection = Open(IfMissing::kLeave);
  if (!connection) return connection.error();
  if (!*connection) return std::size_t{0};
  Query mark(*connection, request_id ? "UPDATE refused SET retry = 1 WHERE request_id = ?"
                                     : "UPDATE refused SET retry = 1");
  if (request_id) mark.Bind(std::string_view(*request_id));
  mark.Step();
  if (auto done = mark.End("mark refused callbacks"); !done) return done.error();
  return static_cast<std::size_t>(sqlite3_changes(connection->get()));
}

}  // namespace ingest
