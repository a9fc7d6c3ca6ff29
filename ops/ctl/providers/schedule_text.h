#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace ctl {

/// "30s 2m 15m", "every 10m, 14 times", "-" for none.
[[nodiscard]] std::string DescribeSchedule(const std::vector<std::chrono::seconds>& schedule);

}  // namespace ctl
