#include "ingest/spool/spool_database.h"

#include <string>
#include <string_view>
#include <utility>

#include "ingest/spool/log_lap.h"
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
    "PRAGMA user_version = 1;";
static_assert(kApplicationId == 1397511491);

std::string SetLap(std::int32_t lap) { return "PRAGMA schema_version = " + std::to_string(lap); }

/// For a statement without result rows.
int RunOnce(const SqliteStatement& statement) {
  const StatementRun run(statement);
  const int code = sqlite3_step(statement.get());
  return code == SQLITE_DONE ? SQLITE_OK : code;
}

int NoteLogPages(void* pages, sqlite3* /*connection*/, const char* /*name*/, int count) noexcept {
  *static_cast<int*>(pages) = count;
  return SQLITE_OK;
}

constexpr const char* kBeginning = "begin a log";

common::Error Stop(std::string detail) {
  return {common::Remedy::kStop, "cannot_open", std::move(detail)};
}

}  // namespace

common::Result<std::unique_ptr<SpoolDatabase>> SpoolDatabase::Open(const Options& options) {
  if (auto prepared = PrepareSpoolFile(options.path); !prepared) return prepared.error();
  if (HasForeignLog(options.path)) return ForeignLogError();
  std::unique_ptr<SpoolDatabase> database(new SpoolDatabase);
  database->path_ = options.path;
  database->long_log_ = options.long_log;
  database->answered_ = options.answered;
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
  // Last, because `wal_autocheckpoint` removes the hook.
  sqlite3_wal_hook(connection, NoteLogPages, &database->log_pages_);
  database->log_path_ = sqlite3_filename_wal(sqlite3_db_filename(connection, "main"));
  if (auto opened = database->OpenLog(); !opened) return opened.error();
  return database;
}

common::Result<void> SpoolDatabase::OpenLog() {
  // The first read opens the log, even if the file had none before.
  const auto seen = ReadNumber("SELECT count(*) FROM sqlite_schema", "read the schema");
  if (!seen) return seen.error();
  // Checked before SQLite confirms that it has opened the same file.
  file_ = IdentityOf(path_);
  log_ = IdentityOf(log_path_);
  int has_moved = 0;
  sqlite3_file_control(connection_.get(), nullptr, SQLITE_FCNTL_HAS_MOVED, &has_moved);
  if (has_moved != 0 || !file_ || !log_) {
    return common::Error{common::Remedy::kAbort, "moved", "it was moved away while it was opened"};
  }
  return {};
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
  if (auto done = Run("PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY", "prepare"); !done) {
    return done;
  }
  // Before the file has a log, because page 1 itself must hold the lap.
  const std::string make = kMakeSchema + SetLap(RandomLap()) + "; COMMIT";
  if (auto made = is_new ? Run(make.c_str(), "make the table") : common::Result<void>(); !made) {
    return made;
  }
  // No checkpoint within a commit, where its failure would go unnoticed.
  return Run("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0", "prepare");
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
  DiskHasAnswered();
  if (code != SQLITE_OK) return ErrorOf(connection_.get(), code, "settle the log");
  if (frames < 0) return Stop("its file system does not allow a write-ahead log");
  log_pages_ = 0;
  begins_lap_ = true;
  return GiveLap();
}

/// Gives a lap to a file that an earlier ingest made, or another tool from the rows of one.
///
/// Not to a file that is no longer at its path: the log there may be another file's.
common::Result<void> SpoolDatabase::GiveLap() {
  if (FindPlace() != Place::kRight) return {};
  const auto lap = ReadNumber("PRAGMA schema_version", kBeginning);
  if (!lap) return lap.error();
  if (HasLap(*lap)) return {};
  // Removes the log first: it would not follow the new lap.
  if (auto done = Run("PRAGMA journal_mode = DELETE", kBeginning); !done) return done;
  if (IdentityOf(log_path_)) {
    return common::Error{common::Remedy::kRetry, "failed", "its write-ahead log cannot be removed"};
  }
  const std::string give = SetLap(RandomLap()) + "; PRAGMA journal_mode = WAL";
  if (auto done = Run(give.c_str(), kBeginning); !done) return done;
  return OpenLog();
}

/// Commits the next lap as the first frame of a log, which then names its file.
common::Result<void> SpoolDatabase::BeginLap() {
  const auto lap = ReadNumber("PRAGMA schema_version", kBeginning);
  if (!lap) return lap.error();
  const std::string next = SetLap(NextLap(*lap));
  auto begun = Commit(kBeginning, [&] {
    return sqlite3_exec(connection_.get(), next.c_str(), nullptr, nullptr, nullptr);
  });
  if (begun) begins_lap_ = false;
  return begun;
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

common::Result<void> SpoolDatabase::Probe() {
  return InTransaction("probe", [&] {
    return sqlite3_exec(connection_.get(), "PRAGMA user_version = 1", nullptr, nullptr, nullptr);
  });
}

common::Result<void> SpoolDatabase::ShortenLog() {
  if (log_pages_ < long_log_) return {};
  // RESTART makes the next commit begin a new log.
  const int code = sqlite3_wal_checkpoint_v2(connection_.get(), nullptr, SQLITE_CHECKPOINT_RESTART,
                                             nullptr, nullptr);
  DiskHasAnswered();
  if (code != SQLITE_OK) return ErrorOf(connection_.get(), code, "shorten the log");
  log_pages_ = 0;
  begins_lap_ = true;
  return {};
}

common::Result<void> SpoolDatabase::Run(const char* sql, const char* step) {
  const int code = sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr);
  DiskHasAnswered();
  if (code != SQLITE_OK) return ErrorOf(connection_.get(), code, step);
  return {};
}

common::Result<std::int64_t> SpoolDatabase::ReadNumber(const char* sql, const char* step) {
  sqlite3_stmt* prepared = nullptr;
  int code = sqlite3_prepare_v2(connection_.get(), sql, -1, &prepared, nullptr);
  const SqliteStatement statement(prepared);
  if (code == SQLITE_OK) code = sqlite3_step(prepared);
  DiskHasAnswered();
  if (code != SQLITE_ROW) return ErrorOf(connection_.get(), code, step);
  return std::int64_t{sqlite3_column_int64(prepared, 0)};
}

common::Result<void> SpoolDatabase::InTransaction(const char* step, const Change& change) {
  if (auto begun = begins_lap_ ? BeginLap() : common::Result<void>(); !begun) return begun;
  return Commit(step, change);
}

common::Result<void> SpoolDatabase::Commit(const char* step, const Change& change) {
  sqlite3* connection = connection_.get();
  int code = RunOnce(begin_);
  if (code == SQLITE_OK) code = change();
  if (code == SQLITE_OK) code = RunOnce(commit_);
  DiskHasAnswered();
  if (code == SQLITE_OK) return {};
  common::Error error = ErrorOf(connection, code, step);
  if (sqlite3_get_autocommit(connection) == 0 &&
      sqlite3_exec(connection, "ROLLBACK", nullptr, nullptr, nullptr) != SQLITE_OK) {
    error.remedy = common::Remedy::kAbort;
  }
  return error;
}

}  // namespace ingest
