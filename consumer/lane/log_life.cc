#include "consumer/lane/log_life.h"

#include <algorithm>

namespace consumer {

bool WentBack(const ReadPosition& position, const LogView& log) {
  if (position.next > log.end) return true;
  if (!position.last) return false;
  if (position.last->offset >= log.end) return true;
  if (position.last->offset < log.begin) return false;
  // A record without a time, from a foreign program, is identified only by its offset.
  const bool has_time = log.at_last && log.at_last->time != common::WallTime{};
  if (log.at_last && !has_time) return log.at_last->offset != position.last->offset;
  return log.at_last != position.last;
}

std::int64_t CountUnread(Offset next, const LogView& log) {
  const Offset from = next > log.end ? log.begin : std::max(next, log.begin);
  return log.end - from;
}

}  // namespace consumer
