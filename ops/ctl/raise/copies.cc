#include "ops/ctl/raise/copies.h"

#include <algorithm>
#include <string_view>

#include "common/base/number.h"

namespace ctl {

using common::WallTime;
using std::chrono::milliseconds;

common::RecordHeaders HeadersOfCopy(common::RecordHeaders headers, WallTime time, CopyOf what,
                                    const common::CopyOrigin& origin) {
  const auto has = [&](std::string_view name) {
    return common::LastHeader(headers, name).has_value();
  };
  const auto set = [&](std::string_view name, std::string value) {
    std::erase_if(headers, [&](const auto& header) { return header.name == name; });
    headers.push_back({std::string(name), std::move(value)});
  };
  const bool is_copy = has(common::kCopiedFromHeader);
  if (what == CopyOf::kMarker) {
    // Also where the topic has LogAppendTime.
    if (!has(common::header::kRecordTime)) {
      set(common::header::kRecordTime, common::FormatRfc3339(time));
    }
  } else if (!is_copy || !has(common::kAnnouncedAtHeader)) {
    set(common::kAnnouncedAtHeader, common::FormatRfc3339(time));
  }
  set(common::kCopiedFromHeader, ToText(origin));
  return headers;
}

std::optional<WallTime> OldestTimestamp(const std::map<std::string, std::string>& config,
                                        WallTime now) {
  std::optional<WallTime> oldest;
  for (const char* const name :
       {"message.timestamp.before.max.ms", "message.timestamp.difference.max.ms"}) {
    const auto found = config.find(name);
    if (found == config.end()) continue;
    const auto limit = common::ParseNumber<std::int64_t>(found->second);
    const auto since_epoch = now.time_since_epoch().count();
    if (limit && *limit < since_epoch) {
      oldest = std::max(oldest.value_or(WallTime{}),
                        WallTime{milliseconds(since_epoch - *limit)} + kClockSlack);
    }
  }
  return oldest;
}

WallTime TimestampOfCopy(WallTime original, std::optional<WallTime> oldest, WallTime now) {
  return oldest && original < *oldest ? now : original;
}

}  // namespace ctl
