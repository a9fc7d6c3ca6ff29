#pragma once

#include <string>

#include "common/domain/partition.h"
#include "ops/ctl/status/status_facts.h"
#include "ops/ctl/status/status_verdict.h"

namespace ctl {

/// "0-5 7 9-11"
[[nodiscard]] std::string RenderPartitions(const std::vector<common::Partition>& partitions);

/// A first line on whether all is well, the troubles, then tables of members and instances.
[[nodiscard]] std::string RenderStatus(const StatusFacts& facts, const StatusVerdict& verdict);
/// One line.
[[nodiscard]] std::string RenderStatusJson(const StatusFacts& facts, const StatusVerdict& verdict);

}  // namespace ctl
