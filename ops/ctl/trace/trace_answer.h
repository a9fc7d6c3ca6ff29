#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/domain/topics.h"
#include "ops/ctl/shell/arguments.h"
#include "ops/ctl/shell/progress.h"
#include "ops/ctl/shell/settings.h"
#include "ops/ctl/trace/trace_reading.h"
#include "ops/ctl/trace/trace_report.h"

namespace ctl {

/// Reads ID or --dossier, and the beginning of the range.
/// Errors: kReject.
[[nodiscard]] common::Result<TraceRequest> ReadTraceRequest(const Arguments& arguments);

struct TraceAnswer {
  /// One for a process, even if no topic has a record of it; one for each process of a dossier.
  std::vector<TraceReport> reports;
  std::vector<std::string> notes;  ///< Sentences: what is unknown, and why.
};

/// Reads the topics and asks the instances that `arguments` name.
/// Errors: those of TraceReader.
[[nodiscard]] common::Result<TraceAnswer> AnswerTrace(const TraceRequest& request,
                                                      const ClusterSettings& settings,
                                                      const Arguments& arguments,
                                                      Progress& progress,
                                                      const std::stop_token& stop);

/// An object for a process, an array for a dossier; without a newline.
[[nodiscard]] std::string RenderJson(const std::vector<TraceReport>& reports,
                                     const TraceRequest& request, const common::TopicNames& topics);

}  // namespace ctl
