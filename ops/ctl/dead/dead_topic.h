#pragma once

#include <functional>
#include <optional>
#include <stop_token>

#include "common/base/result.h"
#include "ops/ctl/dead/dead_filter.h"
#include "ops/ctl/dead/dead_record.h"
#include "ops/ctl/kafka/topic_scan.h"
#include "ops/ctl/shell/progress.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {

[[nodiscard]] DeadRecord ToDeadRecord(const ScannedRecord& record);

/// Called for each matching letter; returns false to end the scan.
using DeadVisitor = std::function<bool(const DeadRecord&, const DeadSummary&)>;

/// Reads the current letters, each partition in order, and shows the progress.
/// Errors: those of TopicScan.
[[nodiscard]] common::Result<TopicScan::Ended> ForEachDeadLetter(const ClusterSettings& settings,
                                                                 const DeadFilter& filter,
                                                                 Progress& progress,
                                                                 const DeadVisitor& visit,
                                                                 const std::stop_token& stop = {});

/// When the first matching letter died. None: there is none.
/// Errors: as above.
[[nodiscard]] common::Result<std::optional<common::WallTime>> FindFirstDeath(
    const ClusterSettings& settings, const DeadFilter& filter, Progress& progress,
    const std::stop_token& stop = {});

/// One letter.
/// Errors: those of TopicScan; kStop if there is no letter at that place.
[[nodiscard]] common::Result<DeadRecord> ReadDeadLetter(const ClusterSettings& settings,
                                                        const common::RecordPosition& place);

}  // namespace ctl
