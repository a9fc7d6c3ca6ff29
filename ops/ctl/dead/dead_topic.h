#pragma once

#include <functional>
#include <stop_token>

#include "common/base/result.h"
#include "ops/ctl/dead/dead_filter.h"
#include "ops/ctl/dead/dead_record.h"
#include "ops/ctl/kafka/topic_scan.h"
#include "ops/ctl/shell/progress.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {

[[nodiscard]] DeadRecord ToDeadRecord(const ScannedRecord& record);

/// Called for each letter that matches; false ends the reading.
using DeadVisitor = std::function<bool(const DeadRecord&, const DeadSummary&)>;

/// Reads the letters that are there now, each partition in its order; progress is shown.
/// Errors: those of TopicScan.
[[nodiscard]] common::Result<TopicScan::Ended> ForEachDeadLetter(const ClusterSettings& settings,
                                                                 const DeadFilter& filter,
                                                                 Progress& progress,
                                                                 const DeadVisitor& visit,
                                                                 const std::stop_token& stop = {});

}  // namespace ctl
