#pragma once

#include <cstddef>
#include <cstdint>

#include "common/base/result.h"
#include "ingest/spool/spool_database.h"

namespace ingest {

struct CopyOptions {
  SpoolDatabase::Which left_out{};  ///< Not copied.
  std::int64_t last = 0;            ///< No later sequence is copied.
  bool is_last_known = true;        ///< If false, there may be fewer callbacks.
  std::size_t max_bytes = 0;        ///< Keys, values and headers.
  bool leaves_unreadable = false;   ///< If false, an unreadable callback is an error.
};

struct Copied {
  std::size_t records = 0;
  std::size_t bytes = 0;
  /// Sequences whose callbacks, if they existed, are unreadable. Those behind the last readable one
  /// count as one if their number is unknown.
  std::size_t unreadable = 0;
};

/// Appends the wanted callbacks of `from` to `to`: all in one commit, or none.
///
/// Errors: SpoolDatabase's; kRetry "no_room" if they exceed `max_bytes`.
common::Result<Copied> CopySpool(SpoolDatabase& from, SpoolDatabase& to,
                                 const CopyOptions& options);

}  // namespace ingest
