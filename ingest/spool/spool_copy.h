#pragma once

#include <cstddef>
#include <cstdint>

#include "common/base/result.h"
#include "ingest/spool/spool_database.h"

namespace ingest {

struct CopyOptions {
  SpoolDatabase::Which left_out{};  ///< Not to be copied.
  std::int64_t last = 0;            ///< Nothing behind that sequence is to be copied.
  bool is_last_known = true;        ///< Otherwise there are fewer callbacks, if any.
  std::size_t max_bytes = 0;        ///< Of keys, values and headers.
  bool leaves_unreadable = false;   ///< Otherwise one that cannot be read is an error.
};

struct Copied {
  std::size_t records = 0;
  std::size_t bytes = 0;
  /// Sequences whose callbacks, if there were any, cannot be read. Those behind the last one that can
  /// be read count as one where nobody knows how many there are.
  std::size_t unreadable = 0;
};

/// Puts what is in the one behind what is in the other: all that is wanted in one commit, or none.
///
/// Errors: as SpoolDatabase's; kRetry "no_room", if it is more than `max_bytes`.
common::Result<Copied> CopySpool(SpoolDatabase& from, SpoolDatabase& to,
                                 const CopyOptions& options);

}  // namespace ingest
