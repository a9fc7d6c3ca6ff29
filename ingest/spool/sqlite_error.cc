#include "ingest/spool/sqlite_error.h"

#include <string>
#include <system_error>

namespace ingest {
namespace {

using common::Remedy;

struct Class {
  Remedy remedy;
  std::string_view code;
};

Class ClassOf(int extended) {
  switch (extended & 0xFF) {
    case SQLITE_FULL:
      return {Remedy::kRetry, "disk_full"};
    case SQLITE_NOMEM:
      return {Remedy::kRetry, "no_memory"};
    case SQLITE_IOERR:
      if (extended == SQLITE_IOERR_WRITE) return {Remedy::kRetry, "write_failed"};
      // A failed read changes nothing.
      if (extended == SQLITE_IOERR_READ) return {Remedy::kRetry, "unreadable"};
      if (extended == SQLITE_IOERR_FSYNC || extended == SQLITE_IOERR_DIR_FSYNC) {
        return {Remedy::kAbort, "sync_failed"};
      }
      return {Remedy::kAbort, "io_error"};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
      return {Remedy::kStop, "damaged"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {Remedy::kStop, "in_use"};
    default:
      return {Remedy::kAbort, "failed"};
  }
}

}  // namespace

common::Error ErrorOf(sqlite3* connection, int code, std::string_view step) {
  const int extended = connection != nullptr ? sqlite3_extended_errcode(connection) : code;
  const int cause = (extended & 0xFF) == (code & 0xFF) ? extended : code;
  const Class found = ClassOf(cause);
  std::string text(step);
  text += ": ";
  text += sqlite3_errstr(cause);
  text += " (SQLite ";
  text += std::to_string(cause);
  text += ')';
  const int system = connection != nullptr ? sqlite3_system_errno(connection) : 0;
  if (system != 0 && found.remedy != Remedy::kStop) {
    text += ", " + std::system_category().message(system);
  }
  return {found.remedy, found.code, std::move(text)};
}

}  // namespace ingest
