#pragma once

#include <sqlite3.h>

#include <string_view>

#include "common/base/error.h"

namespace ingest {

/// A failure of SQLite, sorted by what the caller must do with the connection:
///
///   kRetry   nothing was written and the connection is usable: a full disk, a failed write
///   kAbort   the content on disk is unknown: reopen before writing anything
///   kStop    the file is not a spool, is damaged, or belongs to another process
///
/// The text contains no statement and no value.
[[nodiscard]] common::Error ErrorOf(sqlite3* connection, int code, std::string_view step);

}  // namespace ingest
