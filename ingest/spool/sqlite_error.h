#pragma once

#include <sqlite3.h>

#include <string_view>

#include "common/base/error.h"

namespace ingest {

/// A failure of SQLite, sorted by what has to be done about the connection:
///
///   kRetry   nothing was written; the connection is good: a full disk, a failed write
///   kAbort   what is on disk is not known: open it anew before anything else is written
///   kStop    the file is no spool, is damaged, or belongs to another process
///
/// The text has no part of a statement and no value in it.
[[nodiscard]] common::Error ErrorOf(sqlite3* connection, int code, std::string_view step);

}  // namespace ingest
