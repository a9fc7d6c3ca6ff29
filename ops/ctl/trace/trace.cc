#include "ops/ctl/trace/trace.h"

#include <optional>
#include <ostream>
#include <string>
#include <utility>

#include "common/domain/ids.h"
#include "common/runtime/shutdown.h"
#include "ops/ctl/instances/instances.h"
#include "ops/ctl/shell/output.h"
#include "ops/ctl/shell/progress.h"
#include "ops/ctl/trace/trace_reading.h"
#include "ops/ctl/trace/trace_report.h"

namespace ctl {
namespace {

using common::Result;

constexpr int kMayBeHidden = 1;
constexpr int kNotFound = 4;
/// See common/domain/callback_record.h.
constexpr std::size_t kLongestKey = 256;

Result<TraceRequest> ReadRequest(const Arguments& arguments) {
  const auto from = arguments.From(common::WallNow());
  if (!from) return from.error();
  const bool is_dossier = arguments.Has("--dossier");
  if (is_dossier != arguments.operands().empty()) {
    return Reject("either an ID or --dossier ID is required");
  }
  TraceRequest request{
      .id = common::NormalizeId(is_dossier ? arguments.Text("--dossier") : arguments.Operand(0)),
      .is_dossier = is_dossier,
      .from = *from};
  if (request.id.empty()) return Reject("the id is empty");
  if (!is_dossier && request.id.size() > kLongestKey) {
    return Reject("a processId of more than 256 bytes is no key: use the SHA-256 of the body");
  }
  return request;
}

void Show(const std::vector<TraceReport>& reports, const TraceRequest& request,
          const common::TopicNames& topics, Output& output) {
  if (output.is_json) {
    std::vector<std::string> objects;
    objects.reserve(reports.size());
    for (const TraceReport& report : reports) objects.push_back(RenderJson(report, topics));
    output.out << (request.is_dossier ? RenderArray(objects) : objects.front()) << "\n";
    return;
  }
  for (const TraceReport& report : reports) {
    if (&report != &reports.front()) output.out << "\n";
    output.out << RenderText(report, topics);
  }
}

common::Error Interrupted() { return {common::Remedy::kRetry, "interrupted", "interrupted"}; }

/// The timeline of one key and, if a callback waits or all of them may be hidden, why.
TraceReport Explain(const std::string& key, const TracedKey& traced, TraceReader& reader,
                    const std::vector<InstanceFacts>& instances) {
  TraceReport report{.id = key, .timeline = traced.facts.Judge(traced.committed)};
  std::optional<TraceEvent> waiting = report.timeline.waiting;
  if (!waiting && report.timeline.events.empty()) {
    if (const auto cut = reader.FindCut(traced.partition)) {
      waiting = TraceEvent{.at = cut->since.value_or(common::WallNow()),
                           .place = {cut->partition, cut->offset}};
    }
  }
  if (!waiting) return report;
  WaitFacts facts = reader.LookAt(key, traced);
  facts.instances = instances;
  report.waiting = JudgeWaiting(*waiting, facts, common::WallNow());
  return report;
}

Result<int> Trace(const Arguments& arguments, Output& output) {
  const Result<TraceRequest> request = ReadRequest(arguments);
  if (!request) return request.error();
  const Result<ClusterSettings> settings = ReadClusterSettings(arguments);
  if (!settings) return settings.error();
  const common::Shutdown shutdown;  // Before the clients: it blocks signals in their threads.
  Progress progress(output, "trace");
  const auto reader = TraceReader::Open(*settings, progress, shutdown.token());
  if (!reader) return reader.error();
  auto keys = reader.value()->Read(*request);
  progress.Clear();
  if (!keys) return keys.error();
  const std::vector<InstanceFacts> instances = AskInstances(arguments, *settings);
  for (const std::string& note : reader.value()->notes()) output.err << "note: " << note << "\n";
  for (const InstanceFacts& instance : instances) {
    if (!instance.error.empty()) {
      output.err << "note: " << instance.url << ": " << instance.error << "\n";
    }
  }
  if (keys->empty() && !request->is_dossier) {
    (*keys)[request->id].partition = reader.value()->PartitionOf(request->id);
  }
  std::vector<TraceReport> reports;
  bool is_found = false;
  bool is_hidden = false;
  for (const auto& [key, traced] : *keys) {
    if (shutdown.IsRequested()) return Interrupted();
    reports.push_back(Explain(key, traced, *reader.value(), instances));
    reports.back().from = request->from;
    const bool has_events = !reports.back().timeline.events.empty();
    is_found = is_found || has_events;
    is_hidden = is_hidden || (!has_events && reports.back().waiting);
  }
  if (reports.empty() && !output.is_json) {
    output.out << "unknown: no callback of dossier " << Printable(request->id)
               << " is on the topic\n";
  }
  Show(reports, *request, settings->topics, output);
  if (is_found) return 0;
  return is_hidden ? kMayBeHidden : kNotFound;
}

}  // namespace

std::vector<Command> TraceCommands() {
  return {
      {"trace",
       "tells what became of a process: its deliveries, its result or dead letter, or where it\n"
       "waits and why. ID is a processId, or the SHA-256 of a body that has none.\n"
       "Status 0: it was found; 4: no topic has a record of it; 1: Kafka did not answer, or\n"
       "an open transaction may hide it",
       {{"--dossier", "ID", "traces all processes of a dossier, which takes longer"},
        {"--from", "TIME", "ignores records from before that time, default all"},
        SinceOption(),
        InstanceOption()},
       Trace,
       {"[ID]"}}};
}

}  // namespace ctl
