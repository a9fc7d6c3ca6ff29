#pragma once

#include <cstdint>
#include <optional>

#include "common/domain/offset_metadata.h"
#include "consumer/lane/records.h"

namespace consumer {

/// Where reading of a partition is, or stopped.
struct ReadPosition {
  Offset next{};
  std::optional<common::OffsetWitness> last = {};  ///< A record read at or below it.
};

/// A partition's log, as the brokers report it.
struct LogView {
  Offset begin{};
  Offset end{};
  /// The first record at or after the offset of ReadPosition::last, if any.
  std::optional<common::OffsetWitness> at_last = {};
};

/// True if the position's offsets are invalid in that log: the log has lost its end, and maybe
/// grown again, or was replaced by another of the same name.
///
///   begin      last      next      end
///     │          │         │        │
///     ├──────────●─────────┴────────┤   the same: the record at `last` is unchanged
///     ├────┤                            shorter: end below next or at or below last
///     ├──────────○──────────────────┤   another record at `last`, or none
///                     ├─────────────┤   unknown: `last` has expired
[[nodiscard]] bool WentBack(const ReadPosition& position, const LogView& log);

/// The offsets of the log that are still to be read from `next` on. A `next` above the end means
/// that the log went back, and will be read from its beginning.
[[nodiscard]] std::int64_t CountUnread(Offset next, const LogView& log);

}  // namespace consumer
