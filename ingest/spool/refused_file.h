#pragma once

#include <chrono>
#include <string>

#include "common/base/result.h"
#include "ingest/spool/sqlite_handles.h"
#include "ingest/spool/sqlite_query.h"

namespace ingest {

/// The database of refused callbacks.
///
///   refused := { request_id unique, provider, key, received_at (ms), content_type?, traceparent?,
///                refused_at (ms), reason, retry (0|1), body }
///   counts  := { records, to_be_retried }  ; one row, kept by triggers
///                                          ; application_id "SLUR", user_version 1
///
/// SQLite with a rollback journal, synced at each commit together with its folder.
struct RefusedFile {
  std::string path;
  std::string vfs;                     ///< SQLite's own if empty.
  std::chrono::milliseconds patience;  ///< How long to wait for another process.

  enum class IfMissing { kMake, kLeave };
  /// Null if the file is missing or empty. Only kMake writes.
  ///
  /// Errors: as ErrorOf() sorts them; kStop "cannot_open" if it is not ours.
  [[nodiscard]] common::Result<SqliteConnection> Open(IfMissing if_missing) const;
};

/// Adds the counts to the file of a build that kept none. True if it has added them.
common::Result<bool> AddCounts(const SqliteConnection& connection);

/// Runs a statement without a result. `step` is for the error: "keep refused callbacks".
common::Result<void> Execute(const SqliteConnection& connection, const char* sql, const char* step);

/// Closing the connection rolls back an incomplete change.
common::Result<void> InTransaction(const SqliteConnection& connection, const auto& change) {
  constexpr const char* kStep = "keep refused callbacks";
  if (auto begun = Execute(connection, "BEGIN IMMEDIATE", kStep); !begun) return begun;
  if (common::Result<void> changed = change(); !changed) return changed;
  return Execute(connection, "COMMIT", kStep);
}

}  // namespace ingest
