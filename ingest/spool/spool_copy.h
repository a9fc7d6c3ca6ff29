#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "common/base/result.h"
#include "ingest/spool/spool_database.h"

namespace ingest {

/// The greatest sequence in a file. Unknown if the last row is unreadable; earlier rows may still
/// be readable.
struct LastSequence {
  std::optional<std::int64_t> known{};

  /// No row has a greater sequence.
  [[nodiscard]] std::int64_t Bound() const { return known.value_or(std::int64_t{1} << 40); }
};

struct CopyOptions {
  SpoolDatabase::Which left_out{};  ///< Not copied.
  LastSequence last{};              ///< No later sequence is copied.
  std::size_t max_bytes = 0;        ///< Keys, values and headers.
  bool leaves_unreadable = false;   ///< If false, an unreadable callback is an error.
  /// Looks at every sequence between two readable callbacks. Otherwise few looks find the end of an
  /// unreadable part, and may step over readable callbacks within: a bad disk answers slowly.
  bool is_thorough = false;
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
