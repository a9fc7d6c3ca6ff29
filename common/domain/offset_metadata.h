#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/domain/offset.h"

namespace common {

/// Identifies a record that was read. An offset is meaningful only while the same record is there.
struct OffsetWitness {
  Offset offset{};
  WallTime time{};  ///< Its record time.
  friend bool operator==(const OffsetWitness&, const OffsetWitness&) = default;
};

/// What the consumer knew when it committed an offset of `callbacks`; stored as the metadata of the
/// offset commit:
///
///   metadata ::= [ pair *( ";" pair ) ]
///   pair     ::= key "=" value             ; in any order; unknown keys are skipped
///   key      ::= "partitions"              ; of `callbacks` at the time of the commit
///              | "last"                    ; a witness: offset "@" record time in ms since the epoch
///              | "unchecked"               ; witnesses with "," between them
///              | "instance"                ; that committed,
///              | "transaction"             ; and the number of its transaction
///   value    ::= any characters; "%", ";" and control characters as "%" and two hex digits
///
/// Commits by older releases and other programs have no metadata or text in another format.
struct OffsetMetadata {
  /// A longer text is nobody's of ours: brokers accept no more unless `offset.metadata.max.bytes`
  /// is raised.
  static constexpr std::size_t kLongestText = 4096;
  /// They must fit into the text, and each costs a look into the log. Of more, the last are read.
  static constexpr std::size_t kMostUnchecked = 16;

  std::optional<int> partitions = {};
  std::optional<OffsetWitness> last = {};  ///< The highest known record up to the offset.
  /// The records before pauses in reading below it, unless they were found again since. If the log
  /// has lost one of them, it went back, and grew beyond it, before what was read later.
  std::vector<OffsetWitness> unchecked = {};
  std::string instance = {};     ///< Empty: unknown.
  std::string transaction = {};  ///< Empty: unknown.
  friend bool operator==(const OffsetMetadata&, const OffsetMetadata&) = default;
};

/// Omits unknown fields.
[[nodiscard]] std::string ToText(const OffsetMetadata& metadata);

/// The witnesses of a record that the log must still have, unless they have expired: `last` first.
[[nodiscard]] std::vector<OffsetWitness> WitnessesOf(const OffsetMetadata& metadata);

/// Invalid values, and all of a text that is too long, are unknown. A key's last value counts.
[[nodiscard]] OffsetMetadata ReadOffsetMetadata(std::string_view text);

}  // namespace common
