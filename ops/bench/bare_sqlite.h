#pragma once

#include <sqlite3.h>

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "ingest/acceptance/callback_sink.h"
#include "ingest/spool/sqlite_handles.h"

namespace bench {

/// SQLite as the spool uses it, and nothing else: one synced transaction for all waiting callbacks,
/// in rows like the spool's. A lower bound for the time of a spool on SQLite.
class BareSqlite final : public ingest::CallbackSink {
 public:
  explicit BareSqlite(const std::string& path) {
    sqlite3* connection = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    const int code = sqlite3_open_v2(path.c_str(), &connection, flags, nullptr);
    connection_.reset(connection);
    Check(code == SQLITE_OK);
    Check(sqlite3_exec(connection,
                       "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;"
                       "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;"
                       "CREATE TABLE callbacks(seq INTEGER PRIMARY KEY, provider TEXT, key TEXT,"
                       " received_at INTEGER, request_id TEXT, content_type TEXT,"
                       " traceparent TEXT, size INTEGER, body BLOB)",
                       nullptr, nullptr, nullptr) == SQLITE_OK);
    const auto note_pages = [](void* pages, sqlite3* /*of*/, const char* /*name*/,
                               int count) noexcept {
      *static_cast<int*>(pages) = count;
      return SQLITE_OK;
    };
    sqlite3_wal_hook(connection, note_pages, &log_pages_);
    begin_ = Prepared("BEGIN IMMEDIATE");
    insert_ = Prepared("INSERT INTO callbacks VALUES(?, ?, ?, ?, ?, ?, NULL, ?, ?)");
    commit_ = Prepared("COMMIT");
  }

  void Start(ingest::StorageListener& listener) {
    thread_ = std::jthread([this, &listener](const std::stop_token& stop) { Run(stop, listener); });
  }

  ingest::Offered Offer(ingest::CallbackNumber number, common::Envelope envelope) override {
    {
      const std::lock_guard lock(mutex_);
      numbers_.push_back(number);
      envelopes_.push_back(std::move(envelope));
    }
    woken_.notify_one();
    return ingest::Offered::kTaken;
  }

 private:
  static constexpr int kLongLog = 1000;  ///< Pages, as in the spool.

  static void Check(bool is_well) {
    if (!is_well) throw std::runtime_error("SQLite has failed");
  }

  ingest::SqliteStatement Prepared(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    Check(sqlite3_prepare_v3(connection_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement,
                             nullptr) == SQLITE_OK);
    return ingest::SqliteStatement(statement);
  }

  static void RunOnce(const ingest::SqliteStatement& statement) {
    Check(sqlite3_step(statement.get()) == SQLITE_DONE);
    sqlite3_reset(statement.get());
  }

  void Insert(const common::Envelope& envelope) {
    sqlite3_stmt* insert = insert_.get();
    const auto bind = [insert](int column, std::string_view text) {
      sqlite3_bind_text64(insert, column, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
    };
    sqlite3_bind_int64(insert, 1, ++sequence_);
    bind(2, envelope.provider);
    bind(3, envelope.key);
    sqlite3_bind_int64(insert, 4, envelope.received_at.time_since_epoch().count());
    bind(5, envelope.request_id);
    bind(6, *envelope.content_type);
    sqlite3_bind_int64(insert, 7, static_cast<std::int64_t>(envelope.body.size()));
    sqlite3_bind_blob64(insert, 8, envelope.body.data(), envelope.body.size(), SQLITE_STATIC);
    RunOnce(insert_);
  }

  void Run(const std::stop_token& stop, ingest::StorageListener& listener) {
    std::vector<ingest::CallbackNumber> numbers;
    std::vector<common::Envelope> envelopes;
    std::vector<ingest::StorageReport> reports;
    while (true) {
      numbers.clear();
      envelopes.clear();
      reports.clear();
      {
        std::unique_lock lock(mutex_);
        if (!woken_.wait(lock, stop, [this] { return !numbers_.empty(); })) return;
        numbers.swap(numbers_);
        envelopes.swap(envelopes_);
      }
      RunOnce(begin_);
      for (const common::Envelope& envelope : envelopes) Insert(envelope);
      RunOnce(commit_);
      for (const ingest::CallbackNumber number : numbers) {
        reports.push_back({.number = number, .outcome = ingest::StorageOutcome::kSpooled});
      }
      listener.OnReports(reports);
      if (log_pages_ < kLongLog) continue;
      Check(sqlite3_wal_checkpoint_v2(connection_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE,
                                      nullptr, nullptr) == SQLITE_OK);
      log_pages_ = 0;
    }
  }

  ingest::SqliteConnection connection_;
  ingest::SqliteStatement begin_;
  ingest::SqliteStatement insert_;
  ingest::SqliteStatement commit_;
  int log_pages_ = 0;
  std::int64_t sequence_ = 0;
  std::mutex mutex_;
  std::condition_variable_any woken_;
  std::vector<ingest::CallbackNumber> numbers_;
  std::vector<common::Envelope> envelopes_;
  std::jthread thread_;  // Last: its destructor joins the thread that uses the members above.
};

}  // namespace bench
