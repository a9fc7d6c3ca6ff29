#include "common/callback/record_times.h"

#include <algorithm>

namespace common {

RecordTimes TimesOf(const CallbackFacts& facts, WallTime record_time, std::chrono::seconds window,
                    std::chrono::seconds reach) {
  RecordTimes times{.judged_at = record_time, .marked_at = record_time};
  if (facts.is_redriven || !facts.received_at || *facts.received_at > record_time) return times;
  const WallTime a_window_ago = record_time - window;
  const WallTime received_at = *facts.received_at;
  if (!facts.is_spooled && received_at > a_window_ago) return times;
  times.judged_at = std::max(received_at, record_time - reach);
  if (facts.is_spooled) times.marked_at = std::max(received_at, a_window_ago);
  return times;
}

Windows WindowsOf(const CallbackFacts& facts, WallTime record_time,
                  const ProviderTable& providers) {
  const std::chrono::seconds of_row = providers[facts.row].dedup_window;
  const bool is_repeated = facts.expires_at && *facts.expires_at > record_time;
  const std::chrono::seconds of_event = is_repeated ? providers.DedupReach() : of_row;
  return {.identity = facts.event_identity ? of_row : of_event, .event = of_event};
}

}  // namespace common
