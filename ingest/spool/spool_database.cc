#include "ingest/spool/spool_database.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include "ingest/spool/spool_file.h"
#include "ingest/spool/sqlite_error.h"

namespace ingest {
namespace {

constexpr std::int64_t kApplicationId = 0x534C5543;  // "SLUC"
constexpr std::int64_t kSchemaOfSpool = 1;

/// `body` is the last column, so that reading the others does not touch its overflow pages.
constexpr const char* kMakeSchema =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE callbacks("
    " seq INTEGER PRIMARY KEY, provider TEXT NOT NULL, key TEXT NOT NULL,"
    " received_at INTEGER NOT NULL, request_id TEXT NOT NULL, content_type TEXT, traceparent TEXT,"
    " size INTEGER NOT NULL, body BLOB NOT NULL);"
    "PRAGMA application_id = 1397511491;"
    "PRAGMA user_version = 1;"
    "COMMIT";
static_assert(kApplicationId == 1397511491);

int BindText(const SqliteStatement& statement, int column, std::string_view text) {
  return sqlite3_bind_text64(statement.get(), column, text.data(), text.size(), SQLITE_STATIC,
                             SQLITE_UTF8);
}
int BindText(const SqliteStatement& statement, int column, const std::optional<std::string>& text) {
  if (!text) return sqlite3_bind_null(statement.get(), column);
  return BindText(statement, column, std::string_view(*text));
}

/// Until the next step.
std::string_view ViewOf(const SqliteStatement& statement, int column) {
  const void* bytes = sqlite3_column_blob(statement.get(), column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement.get(), column));
  return bytes == nullptr ? std::string_view()
                          : std::string_view(static_cast<const char*>(bytes), size);
}
std::string TextOf(const SqliteStatement& statement, int column) {
  return std::string(ViewOf(statement, column));
}
std::optional<std::string> OptionalTextOf(const SqliteStatement& statement, int column) {
  if (sqlite3_column_type(statement.get(), column) == SQLITE_NULL) return std::nullopt;
  return TextOf(statement, column);
}

/// For a statement without result rows.
int StepToEnd(const SqliteStatement& statement) {
  const int code = sqlite3_step(statement.get());
  return code == SQLITE_DONE ? SQLITE_OK : code;
}
int RunOnce(const SqliteStatement& statement) {
  const StatementRun run(statement);
  return StepToEnd(statement);
}

SpooledCallback RowOf(const SqliteStatement& row) {
  SpooledCallback callback;
  callback.sequence = sqlite3_column_int64(row.get(), 0);
  callback.size = static_cast<std::size_t>(sqlite3_column_int64(row.get(), 1));
  common::Envelope& envelope = callback.envelope;
  envelope.provider = TextOf(row, 2);
  envelope.key = TextOf(row, 3);
  envelope.received_at =
      common::WallTime(std::chrono::milliseconds(sqlite3_column_int64(row.get(), 4)));
  envelope.request_id = TextOf(row, 5);
  envelope.content_type = OptionalTextOf(row, 6);
  envelope.traceparent = OptionalTextOf(row, 7);
  envelope.body = TextOf(row, 8);
  envelope.spooled = true;
  return callback;
}

int NoteLogPages(void* pages, sqlite3* /*connection*/, const char* /*name*/, int count) noexcept {
  *static_cast<int*>(pages) = count;
  return SQLITE_OK;
}

common::Error Stop(std::string detail) {
  return {common::Remedy::kStop, "cannot_open", std::move(detail)};
}

}  // namespace

common::Result<std::unique_ptr<SpoolDatabase>> SpoolDatabase::Open(const Options& options) {
  if (auto prepared = PrepareSpoolFile(options.path); !prepared) return prepared.error();
  std::unique_ptr<SpoolDatabase> database(new SpoolDatabase);
  database->path_ = options.path;
  database->long_log_ = options.long_log;
  sqlite3* connection = nullptr;
  const int code = sqlite3_open_v2(options.path.c_str(), &connection,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                                   options.vfs.empty() ? nullptr : options.vfs.c_str());
  database->connection_.reset(connection);
  if (code != SQLITE_OK) return ErrorOf(connection, code, "open");
  sqlite3_extended_result_codes(connection, 1);
  for (const auto& step : {&SpoolDatabase::Claim, &SpoolDatabase::PrepareStatements}) {
    if (auto done = (database.get()->*step)(); !done) return done.error();
  }
  // Last: `wal_autocheckpoint` takes the hook away.
  sqlite3_wal_hook(connection, NoteLogPages, &database->log_pages_);
  // It opens the log with the first look, also where the file had none until now.
  const auto seen = database->ReadNumber("SELECT count(*) FROM sqlite_schema", "read the schema");
  if (!seen) return seen.error();
  // Looked at before SQLite says that it has opened the same.
  database->file_ = IdentityOf(options.path);
  database->log_path_ = sqlite3_filename_wal(sqlite3_db_filename(connection, "main"));
  database->log_ = IdentityOf(database->log_path_);
  int has_moved = 0;
  sqlite3_file_control(connection, nullptr, SQLITE_FCNTL_HAS_MOVED, &has_moved);
  if (has_moved != 0 || !database->file_ || !database->log_) {
    return common::Error{common::Remedy::kAbort, "moved", "it was moved away while it was opened"};
  }
  return database;
}

SpoolDatabase::~SpoolDatabase() {
  if (!connection_ || FindPlace() == Place::kRight) return;
  // SQLite removes the log by its name, which may belong to another log by now.
  int keeps_log = 1;
  sqlite3_file_control(connection_.get(), nullptr, SQLITE_FCNTL_PERSIST_WAL, &keeps_log);
}

SpoolDatabase::Place SpoolDatabase::FindPlace() const {
  if (IdentityOf(path_) != file_) return Place::kGone;
  const auto log = IdentityOf(log_path_);
  if (!log) return Place::kLogGone;
  return log == log_ ? Place::kRight : Place::kLogReplaced;
}

common::Result<void> SpoolDatabase::Claim() {
  // Before the first access: then the file stays locked, and the log's index needs no file.
  if (auto done = Run("PRAGMA locking_mode = EXCLUSIVE", "lock"); !done) return done;
  auto application = ReadNumber("PRAGMA application_id", "lock");
  if (!application && application.error().code == "in_use") {
    return common::Error{common::Remedy::kStop, "in_use",
                         "another process has it open; each instance needs a spool of its own"};
  }
  if (!application) return application.error();
  const auto tables = ReadNumber("SELECT count(*) FROM sqlite_schema", "read the schema");
  if (!tables) return tables.error();
  const auto version = ReadNumber("PRAGMA user_version", "read the version");
  if (!version) return version.error();
  const bool is_new = *tables == 0 && (*application == 0 || *application == kApplicationId);
  if (!is_new && *application != kApplicationId) return Stop("it is a database of something else");
  if (!is_new && *version != kSchemaOfSpool) {
    return Stop("its version is " + std::to_string(*version) + ", this ingest knows " +
                std::to_string(kSchemaOfSpool));
  }
  // No checkpoint within a commit, where its failure would go unseen.
  if (auto done = Run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                      "PRAGMA wal_autocheckpoint = 0; PRAGMA temp_store = MEMORY",
                      "prepare");
      !done) {
    return done;
  }
  return is_new ? Run(kMakeSchema, "make the table") : common::Result<void>();
}

common::Result<void> SpoolDatabase::PrepareStatements() {
  // Reads from a row on, not after one, because that one may be on an unreadable page.
  const std::pair<SqliteStatement*, const char*> statements[] = {
      {&begin_, "BEGIN IMMEDIATE"},
      {&commit_, "COMMIT"},
      {&insert_, "INSERT INTO callbacks VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)"},
      {&remove_, "DELETE FROM callbacks WHERE seq >= ? AND seq <= ? RETURNING seq, size"},
      {&count_,
       "SELECT seq, provider, size FROM callbacks WHERE seq >= ? AND seq <= ? ORDER BY seq"},
      {&read_,
       "SELECT seq, size, provider, key, received_at, request_id, content_type, traceparent, body"
       " FROM callbacks WHERE seq >= ? ORDER BY seq LIMIT ?"},
      {&scan_,
       "SELECT seq, provider, key, size FROM callbacks WHERE seq >= ? AND seq <= ? ORDER BY seq "
       "LIMIT ?"},
  };
  for (const auto& [statement, sql] : statements) {
    sqlite3_stmt* prepared = nullptr;
    const int code = sqlite3_prepare_v3(connection_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT,
                                        &prepared, nullptr);
    statement->reset(prepared);
    if (code != SQLITE_OK) return ErrorOf(connection_.get(), code, "read the table's form");
  }
  return {};
}

common::Result<void> SpoolDatabase::SettleLog() {
  int frames = 0;
  int settled = 0;
  const int code = sqlite3_wal_checkpoint_v2(connection_.get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE,
                                             &frames, &settled);
  if (code != SQLITE_OK) return ErrorOf(connection_.get(), code, "settle the log");
  if (frames < 0) return Stop("its file system does not allow a write-ahead log");
  log_pages_ = 0;
  return {};
}

common::Result<std::int64_t> SpoolDatabase::LastSequence() {
  return ReadNumber("SELECT coalesce(max(seq), 0) FROM callbacks", "read");
}

common::Result<std::size_t> SpoolDatabase::UsedBytes() {
  std::int64_t used = 1;
  for (const auto& [sql, sign] :
       {std::pair{"PRAGMA page_count", 1}, {"PRAGMA freelist_count", -1}}) {
    const auto pages = ReadNumber(sql, "read the size");
    if (!pages) return pages.error();
    used += sign * *pages;
  }
  const auto page_size = ReadNumber("PRAGMA page_size", "read the size");
  if (!page_size) return page_size.error();
  return static_cast<std::size_t>(used * *page_size);
}

SpoolDatabase::Counted SpoolDatabase::Count(std::int64_t after, std::int64_t last,
                                            common::Deadline deadline, const Which& is_done) {
  const StatementRun run(count_);
  sqlite3_bind_int64(count_.get(), 1, after + 1);
  sqlite3_bind_int64(count_.get(), 2, last);
  Counted counted{.last_sequence = after};
  int code = SQLITE_DONE;
  while ((code = sqlite3_step(count_.get())) == SQLITE_ROW) {
    counted.last_sequence = sqlite3_column_int64(count_.get(), 0);
    SpoolHoldings::Amount& amount = is_done && is_done(counted.last_sequence)
                                        ? counted.holdings.done
                                        : counted.holdings.by_provider[TextOf(count_, 1)];
    amount.Add(static_cast<std::size_t>(sqlite3_column_int64(count_.get(), 2)));
    if (deadline.HasPassed()) return counted;
  }
  if (code == SQLITE_DONE) {
    counted.last_sequence = last;
    counted.is_all = true;
  } else {
    counted.error = ErrorOf(connection_.get(), code, "count");
  }
  return counted;
}

common::Result<void> SpoolDatabase::Append(std::span<const SpooledCallback> callbacks) {
  return InTransaction("store", [&] {
    for (const SpooledCallback& callback : callbacks) {
      if (const int code = Insert(callback); code != SQLITE_OK) return code;
    }
    return SQLITE_OK;
  });
}

common::Result<void> SpoolDatabase::AppendAll(const Next& next) {
  std::optional<common::Error> unread;
  auto stored = InTransaction("store", [&] {
    for (;;) {
      const auto callbacks = next();
      if (!callbacks) {
        unread = callbacks.error();
        return SQLITE_ABORT;
      }
      if (callbacks->empty()) return SQLITE_OK;
      for (const SpooledCallback& callback : *callbacks) {
        if (const int code = Insert(callback); code != SQLITE_OK) return code;
      }
    }
  });
  if (unread) return *unread;
  return stored;
}

int SpoolDatabase::Insert(const SpooledCallback& callback) {
  const StatementRun run(insert_);
  const common::Envelope& envelope = callback.envelope;
  const auto bind_number = [&](int column, std::int64_t number) {
    return sqlite3_bind_int64(insert_.get(), column, number);
  };
  // A null pointer would store NULL, but an empty body must be an empty blob.
  const char* body = envelope.body.empty() ? "" : envelope.body.data();
  const int codes[] = {
      bind_number(1, callback.sequence),
      BindText(insert_, 2, std::string_view(envelope.provider)),
      BindText(insert_, 3, std::string_view(envelope.key)),
      bind_number(4, envelope.received_at.time_since_epoch().count()),
      BindText(insert_, 5, std::string_view(envelope.request_id)),
      BindText(insert_, 6, envelope.content_type),
      BindText(insert_, 7, envelope.traceparent),
      bind_number(8, static_cast<std::int64_t>(callback.size)),
      sqlite3_bind_blob64(insert_.get(), 9, body, envelope.body.size(), SQLITE_STATIC)};
  for (const int code : codes) {
    if (code != SQLITE_OK) return code;
  }
  return StepToEnd(insert_);
}

common::Result<void> SpoolDatabase::Remove(std::span<const SequenceRange> ranges,
                                           const OnRemoved& removed) {
  return InTransaction("remove", [&] {
    for (const SequenceRange& range : ranges) {
      const StatementRun run(remove_);
      sqlite3_bind_int64(remove_.get(), 1, range.from);
      sqlite3_bind_int64(remove_.get(), 2, range.to);
      int code = SQLITE_DONE;
      while ((code = sqlite3_step(remove_.get())) == SQLITE_ROW) {
        if (!removed) continue;
        removed(sqlite3_column_int64(remove_.get(), 0),
                static_cast<std::size_t>(sqlite3_column_int64(remove_.get(), 1)));
      }
      if (code != SQLITE_DONE) return code;
    }
    return SQLITE_OK;
  });
}

common::Result<std::vector<SpooledCallback>> SpoolDatabase::ReadAfter(std::int64_t sequence,
                                                                      std::size_t max_records,
                                                                      std::size_t max_bytes) {
  const StatementRun run(read_);
  sqlite3_bind_int64(read_.get(), 1, sequence + 1);
  sqlite3_bind_int64(read_.get(), 2, static_cast<std::int64_t>(max_records));
  std::vector<SpooledCallback> callbacks;
  std::size_t bytes = 0;
  int code = SQLITE_DONE;
  while ((code = sqlite3_step(read_.get())) == SQLITE_ROW) {
    bytes += static_cast<std::size_t>(sqlite3_column_int64(read_.get(), 1));
    if (!callbacks.empty() && bytes > max_bytes) return callbacks;
    callbacks.push_back(RowOf(read_));
  }
  if (code != SQLITE_DONE) return ErrorOf(connection_.get(), code, "read");
  return callbacks;
}

SpoolDatabase::Scanned SpoolDatabase::Scan(std::int64_t from, std::int64_t to, std::size_t most,
                                           common::Deadline deadline, const Visit& visit) {
  const StatementRun run(scan_);
  sqlite3_bind_int64(scan_.get(), 1, from);
  sqlite3_bind_int64(scan_.get(), 2, to);
  sqlite3_bind_int64(scan_.get(), 3, static_cast<std::int64_t>(most));
  Scanned scanned{.passed = from - 1};
  std::size_t count = 0;
  int code = SQLITE_DONE;
  while ((code = sqlite3_step(scan_.get())) == SQLITE_ROW) {
    scanned.passed = sqlite3_column_int64(scan_.get(), 0);
    visit({.sequence = scanned.passed,
           .provider = ViewOf(scan_, 1),
           .key = ViewOf(scan_, 2),
           .size = static_cast<std::size_t>(sqlite3_column_int64(scan_.get(), 3))});
    if (++count == most || deadline.HasPassed()) return scanned;
  }
  if (code == SQLITE_DONE) {
    scanned.passed = to;
  } else {
    scanned.error = ErrorOf(connection_.get(), code, "scan");
  }
  return scanned;
}

common::Result<std::optional<common::WallTime>> SpoolDatabase::OldestReceivedAt() {
  const auto oldest = ReadNumber(
      "SELECT coalesce((SELECT received_at FROM callbacks ORDER BY seq LIMIT 1), -1)", "read");
  if (!oldest) return oldest.error();
  if (*oldest < 0) return std::optional<common::WallTime>();
  return std::optional(common::WallTime(std::chrono::milliseconds(*oldest)));
}

common::Result<void> SpoolDatabase::Probe() {
  return InTransaction("probe", [&] {
    return sqlite3_exec(connection_.get(), "PRAGMA user_version = 1", nullptr, nullptr, nullptr);
  });
}

common::Result<void> SpoolDatabase::ShortenLog() {
  if (log_pages_ < long_log_) return {};
  const int code = sqlite3_wal_checkpoint_v2(connection_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE,
                                             nullptr, nullptr);
  if (code != SQLITE_OK) return ErrorOf(connection_.get(), code, "shorten the log");
  log_pages_ = 0;
  return {};
}

common::Result<void> SpoolDatabase::Run(const char* sql, const char* step) {
  const int code = sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return ErrorOf(connection_.get(), code, step);
  return {};
}

common::Result<std::int64_t> SpoolDatabase::ReadNumber(const char* sql, const char* step) {
  sqlite3_stmt* prepared = nullptr;
  int code = sqlite3_prepare_v2(connection_.get(), sql, -1, &prepared, nullptr);
  const SqliteStatement statement(prepared);
  if (code == SQLITE_OK) code = sqlite3_step(prepared);
  if (code != SQLITE_ROW) return ErrorOf(connection_.get(), code, step);
  return std::int64_t{sqlite3_column_int64(prepared, 0)};
}

common::Result<void> SpoolDatabase::InTransaction(const char* step, const auto& change) {
  sqlite3* connection = connection_.get();
  int code = RunOnce(begin_);
  if (code == SQLITE_OK) code = change();
  if (code == SQLITE_OK) code = RunOnce(commit_);
  if (code == SQLITE_OK) return {};
  common::Error error = ErrorOf(connection, code, step);
  if (sqlite3_get_autocommit(connection) == 0 &&
      sqlite3_exec(connection, "ROLLBACK", nullptr, nullptr, nullptr) != SQLITE_OK) {
    error.remedy = common::Remedy::kAbort;
  }
  return error;
}

}  // namespace ingest
