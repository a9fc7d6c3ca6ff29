#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "common/base/rfc3339.h"
#include "common/domain/copied_record.h"
#include "common/domain/record_headers.h"

namespace ctl {

/// Markers know times to the hour, and clocks differ a little.
constexpr std::chrono::hours kClockSlack{3};

/// The kind of a copied record.
enum class CopyOf {
  kMarker,        ///< Of `callbacks.seen`: has the timestamp of its original.
  kAnnouncement,  ///< Of `callbacks.expected`.
};

/// The headers of a copy, see common/domain/copied_record.h. The record time of its original is in
/// them, and stays that of the first original if this is a copy, too. Pure.
[[nodiscard]] common::RecordHeaders HeadersOfCopy(common::RecordHeaders headers,
                                                  common::WallTime time, CopyOf what,
                                                  const common::CopyOrigin& origin);

/// The oldest timestamp that brokers take on a topic with that configuration. None: any. Pure.
[[nodiscard]] std::optional<common::WallTime> OldestTimestamp(
    const std::map<std::string, std::string>& config, common::WallTime now);

/// The timestamp of a copied marker: that of its original, unless brokers would refuse it. Pure.
[[nodiscard]] common::WallTime TimestampOfCopy(common::WallTime original,
                                               std::optional<common::WallTime> oldest,
                                               common::WallTime now);

}  // namespace ctl
