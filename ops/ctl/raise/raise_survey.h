#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "common/base/result.h"
#include "common/base/rfc3339.h"
#include "ops/ctl/kafka/cluster.h"
#include "ops/ctl/kafka/group_reader.h"
#include "ops/ctl/kafka/topic_scan.h"
#include "ops/ctl/raise/moves.h"
#include "ops/ctl/raise/raise_plan.h"
#include "ops/ctl/shell/output.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {

/// Callbacks, such as the ones behind the group's offsets.
struct WaitingCallbacks {
  std::int64_t count = 0;
  std::int64_t misplaced = 0;  ///< In another partition than that of the larger number.
  std::optional<common::WallTime> oldest = {};  ///< Record time.
};

/// Looks at topics and group before partitions are added. Changes nothing.
///
/// Threads: confined to one; calls end, a scan after 30 s without progress.
/// Errors:  those of TopicScan, Cluster and GroupReader; kRetry "interrupted" after a stop.
class RaiseSurvey {
 public:
  static common::Result<std::unique_ptr<RaiseSurvey>> Open(const ClusterSettings& settings,
                                                           Output& output, std::stop_token stop);

  [[nodiscard]] common::Result<RaiseFacts> Facts();
  /// The committed offsets as Facts() last found them; of partitions without one, none.
  [[nodiscard]] const CommittedOffsets& committed() const { return committed_; }
  /// The callbacks behind the group's offsets in `logs`, which LogOfCallbacks() has returned.
  [[nodiscard]] common::Result<WaitingCallbacks> Waiting(const Extents& logs, int to);
  [[nodiscard]] common::Result<Extents> LogOfCallbacks() { return callbacks_->Find({}); }
  /// All callbacks of the extents.
  [[nodiscard]] common::Result<WaitingCallbacks> Count(const Extents& extents, int to);
  /// Sentences on transactions that are open on the topic: their records are not known yet.
  [[nodiscard]] common::Result<RaiseRefusals> OpenOn(TopicScan& scan, const std::string& topic);

  [[nodiscard]] Cluster& cluster() { return *cluster_; }
  [[nodiscard]] GroupReader& group() { return *group_; }

 private:
  RaiseSurvey(const ClusterSettings& settings, Output& output, std::stop_token stop);

  const ClusterSettings& settings_;
  Output& output_;
  std::stop_token stop_;
  std::unique_ptr<Cluster> cluster_;
  std::unique_ptr<GroupReader> group_;
  std::unique_ptr<TopicScan> callbacks_;
  CommittedOffsets committed_;
};

}  // namespace ctl
