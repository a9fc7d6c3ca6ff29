#pragma once

#include <optional>

#include "common/domain/offset_metadata.h"
#include "consumer/lane/records.h"

namespace consumer {

/// Where reading of a partition stands, or was left.
struct ReadPosition {
  Offset next = 0;
  std::optional<common::OffsetWitness> last = {};  ///< A record read at or below it.
};

/// A partition's log as the brokers show it.
struct LogView {
  Offset begin = 0;
  Offset end = 0;
  /// The first record at or after the offset of ReadPosition::last; none: there is none.
  std::optional<common::OffsetWitness> at_last = {};
};

/// Whether the position's offsets mean nothing in that log: it has lost its end and maybe grown
/// again, or it is another one of the same name.
///
///   begin      last      next      end
///     │          │         │        │
///     ├──────────●─────────┴────────┤   the same: the record at `last` is that one
///     ├────┤                            shorter: end below next or at or below last
///     ├──────────○──────────────────┤   another record at `last`, or none
///                     ├─────────────┤   cannot be told: `last` has expired
[[nodiscard]] bool WentBack(const ReadPosition& position, const LogView& log);

}  // namespace consumer
