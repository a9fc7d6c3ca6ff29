#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/result.h"
#include "common/base/rfc3339.h"
#include "ingest/spool/sqlite_error.h"
#include "ingest/spool/sqlite_handles.h"

namespace ingest {

/// A statement with its values, bound one after the other.
///
/// Threads:  confined.
/// Lifetime: ends before its connection. A bound blob must outlive it.
/// Errors:   End() returns the first failure; nothing is done after it.
class SqliteQuery {
 public:
  SqliteQuery(const SqliteConnection& connection, const char* sql) : connection_(connection.get()) {
    sqlite3_stmt* prepared = nullptr;
    code_ = sqlite3_prepare_v2(connection_, sql, -1, &prepared, nullptr);
    statement_.reset(prepared);
  }

  SqliteQuery& Bind(std::string_view text) {
    Note(sqlite3_bind_text64(statement_.get(), ++bound_, text.data(), text.size(), SQLITE_TRANSIENT,
                             SQLITE_UTF8));
    return *this;
  }
  SqliteQuery& Bind(const std::optional<std::string>& text) {
    if (text) return Bind(std::string_view(*text));
    Note(sqlite3_bind_null(statement_.get(), ++bound_));
    return *this;
  }
  SqliteQuery& Bind(std::int64_t number) {
    Note(sqlite3_bind_int64(statement_.get(), ++bound_, number));
    return *this;
  }
  SqliteQuery& BindBlob(std::string_view bytes) {
    Note(sqlite3_bind_blob64(statement_.get(), ++bound_, bytes.empty() ? "" : bytes.data(),
                             bytes.size(), SQLITE_STATIC));
    return *this;
  }
  SqliteQuery& Bind(common::WallTime time) {
    return Bind(std::int64_t{time.time_since_epoch().count()});
  }

  /// True if there is a row.
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

  [[nodiscard]] common::Result<void> End(const char* step) const {
    if (code_ == SQLITE_OK || code_ == SQLITE_ROW || code_ == SQLITE_DONE) return {};
    return FailureOf(connection_, code_, step);
  }
  /// Like ErrorOf(), but kRetry "busy" while another process holds a lock.
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

}  // namespace ingest
