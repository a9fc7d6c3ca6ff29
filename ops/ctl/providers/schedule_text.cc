#include "ops/ctl/providers/schedule_text.h"

#include <algorithm>

#include "common/config/units.h"
#include "common/domain/provider_rules.h"

namespace ctl {

std::string DescribeSchedule(const std::vector<std::chrono::seconds>& schedule) {
  using common::config::FormatDuration;
  if (schedule.empty()) return "-";
  const auto attempts = static_cast<int>(schedule.size()) + 1;
  if (attempts > 2 && schedule == common::RegularSchedule(schedule.front(), attempts)) {
    return "every " + FormatDuration(schedule.front()) + ", " + std::to_string(schedule.size()) +
           " times";
  }
  std::string text;
  for (const auto after : schedule) text += (text.empty() ? "" : " ") + FormatDuration(after);
  return text;
}

}  // namespace ctl
