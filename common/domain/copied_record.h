#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/rfc3339.h"
#include "common/domain/offset.h"
#include "common/domain/partition.h"

namespace common {

// A record that `sluicectl topics raise` has copied to the partition that a larger number of
// partitions gives its key:
//   headers := those of the original
//              "copied-from" partition ":" offset "@" the larger number
//              ["announced-at" RFC 3339]    ; of an announcement: the original's record time

inline constexpr std::string_view kCopiedFromHeader = "copied-from";
inline constexpr std::string_view kAnnouncedAtHeader = "announced-at";

/// When a record announced: that of its original if it is a copy. `copied_from`, `announced_at`:
/// the headers' values.
[[nodiscard]] WallTime AnnouncedAt(std::optional<std::string_view> copied_from,
                                   std::optional<std::string_view> announced_at,
                                   WallTime record_time);

/// Where the original lies, and for which number of partitions it was copied.
struct CopyOrigin {
  Partition partition{};
  Offset offset{};
  int partitions = 0;
  friend bool operator==(const CopyOrigin&, const CopyOrigin&) = default;
};

[[nodiscard]] std::string ToText(const CopyOrigin& origin);
/// None: not in that form.
[[nodiscard]] std::optional<CopyOrigin> ReadCopyOrigin(std::string_view text);

}  // namespace common
