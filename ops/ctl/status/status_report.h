#pragma once

#include <chrono>
#include <string>

#include "ops/ctl/status/status_facts.h"
#include "ops/ctl/status/status_verdict.h"

namespace ctl {

/// "7s", "2m5s", "1h2m", "3d4h".
[[nodiscard]] std::string RenderAge(std::chrono::milliseconds age);
/// "0-5 7 9-11"
[[nodiscard]] std::string RenderPartitions(const std::vector<std::int32_t>& partitions);

/// A first line on whether all is well, the troubles, then tables of members and instances.
[[nodiscard]] std::string RenderStatus(const StatusFacts& facts, const StatusVerdict& verdict);
/// One line.
[[nodiscard]] std::string RenderStatusJson(const StatusFacts& facts, const StatusVerdict& verdict);

}  // namespace ctl
