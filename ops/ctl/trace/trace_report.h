#pragma once

#include <optional>
#include <string>

#include "common/domain/topics.h"
#include "ops/ctl/trace/timeline.h"
#include "ops/ctl/trace/trace_waiting.h"

namespace ctl {

/// A timeline with what its readers ask next.
struct TraceReport {
  std::string id;  ///< The key.
  Timeline timeline;
  std::optional<WaitingFor> waiting{};
  /// Nothing was found, and nobody can tell where the key was before partitions were added.
  bool may_be_elsewhere = false;
  std::optional<common::WallTime> from{};  ///< The earliest record time that was looked at.
};

/// One JSON object, without a newline.
[[nodiscard]] std::string RenderJson(const TraceReport& report, const common::TopicNames& topics);
/// The verdict, then a line for each event.
[[nodiscard]] std::string RenderText(const TraceReport& report, const common::TopicNames& topics);

}  // namespace ctl
