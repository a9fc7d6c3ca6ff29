#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/rfc3339.h"

namespace common {

/// A record that was read: an offset means something only as long as it leads to the same record.
struct OffsetWitness {
  std::int64_t offset = 0;
  WallTime time{};  ///< Its record time.
  friend bool operator==(const OffsetWitness&, const OffsetWitness&) = default;
};

/// What a committed offset of `callbacks` rests on, kept in the metadata of the offset commit:
///
///   metadata ::= [ pair *( ";" pair ) ]
///   pair     ::= key "=" value             ; in any order; unknown keys are skipped
///   key      ::= "partitions"              ; of `callbacks` when the commit was made
///              | "last"                    ; offset "@" record time in ms since the epoch
///              | "instance"                ; who made the commit,
///              | "transaction"             ; and in which of its transactions
///   value    ::= any characters; of these "%", ";" and those below space as "%" and two hex digits
///
/// Commits of older releases and of other programs have no metadata, or some text that is not ours.
struct OffsetMetadata {
  std::optional<int> partitions = {};
  std::optional<OffsetWitness> last = {};  ///< Read at or below the offset, the highest one known.
  std::string instance = {};               ///< Empty: unknown.
  std::string transaction = {};            ///< Empty: unknown.
  friend bool operator==(const OffsetMetadata&, const OffsetMetadata&) = default;
};

/// What is not known is left out.
[[nodiscard]] std::string ToText(const OffsetMetadata& metadata);

/// A value that cannot be read is not known; of a key that occurs twice the last value counts.
[[nodiscard]] OffsetMetadata ReadOffsetMetadata(std::string_view text);

}  // namespace common
