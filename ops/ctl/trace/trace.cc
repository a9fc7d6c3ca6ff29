#include "ops/ctl/trace/trace.h"

#include <algorithm>
#include <ostream>
#include <string>

#include "common/runtime/shutdown.h"
#include "ops/ctl/instances/instances.h"
#include "ops/ctl/shell/output.h"
#include "ops/ctl/shell/progress.h"
#include "ops/ctl/trace/trace_answer.h"

namespace ctl {
namespace {

using common::Result;

constexpr int kMayBeHidden = 1;
constexpr int kNotFound = 4;

Tone ToneOf(TraceVerdict verdict) {
  switch (verdict) {
    case TraceVerdict::kPublished:
    case TraceVerdict::kIgnored:
      return Tone::kGood;
    case TraceVerdict::kDead:
      return Tone::kBad;
    case TraceVerdict::kWaiting:
    case TraceVerdict::kUnknown:
      break;
  }
  return Tone::kDoubtful;
}

void Show(const TraceAnswer& answer, const TraceRequest& request, const common::TopicNames& topics,
          Output& output) {
  for (const std::string& note : answer.notes) output.err << "note: " << note << "\n";
  if (output.is_json) {
    output.out << RenderJson(answer.reports, request, topics) << "\n";
    return;
  }
  if (answer.reports.empty()) {
    output.out << "unknown: no callback or announcement of dossier " << Printable(request.id)
               << " is on the topics\n";
  }
  for (const TraceReport& report : answer.reports) {
    if (&report != &answer.reports.front()) output.out << "\n";
    output.out << PaintFirstLine(output, ToneOf(report.timeline.verdict),
                                 RenderText(report, topics));
  }
}

int ExitStatusOf(const TraceAnswer& answer) {
  const auto has_events = [](const TraceReport& report) { return !report.timeline.events.empty(); };
  if (std::ranges::any_of(answer.reports, has_events)) return 0;
  const auto is_hidden = [](const TraceReport& report) {
    return report.waiting.has_value() || report.may_be_elsewhere;
  };
  return std::ranges::any_of(answer.reports, is_hidden) ? kMayBeHidden : kNotFound;
}

Result<int> Trace(const Arguments& arguments, Output& output) {
  const Result<TraceRequest> request = ReadTraceRequest(arguments);
  if (!request) return request.error();
  const Result<ClusterSettings> settings = ReadClusterSettings(arguments);
  if (!settings) return settings.error();
  const common::Shutdown shutdown;  // Before the clients: it blocks signals in their threads.
  Progress progress(output, "trace");
  const Result<TraceAnswer> answer =
      AnswerTrace(*request, *settings, arguments, progress, shutdown.token());
  if (!answer) return answer.error();
  Show(*answer, *request, settings->topics, output);
  return ExitStatusOf(*answer);
}

}  // namespace

std::vector<Command> TraceCommands() {
  return {
      {"trace",
       "tells what became of a process: its deliveries, its result or dead letter, or where it\n"
       "waits and why; also of a process that was only announced. ID is a processId, an event id,\n"
       "or the SHA-256 of a body with neither.\n"
       "Status 0: it was found; 4: no topic has a record of it; 1: Kafka did not answer, or\n"
       "an open transaction may hide it, or it is unknown where it was before partitions were "
       "added",
       {{"--dossier", "ID", "traces all processes of a dossier, which takes longer"},
        {"--from", "TIME", "ignores records from before that time, default all"},
        SinceOption(),
        InstanceOption()},
       Trace,
       {"[ID]"}}};
}

}  // namespace ctl
