#include "ops/ctl/trace/trace_answer.h"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "common/domain/ids.h"
#include "ops/ctl/instances/instances.h"
#include "ops/ctl/shell/accounts.h"
#include "ops/ctl/shell/output.h"

namespace ctl {
namespace {

using common::Result;

/// See common/domain/callback_record.h.
constexpr std::size_t kLongestKey = 256;

/// How consumer watches for announced processes.
struct ExpectationFacts {
  common::ExpectedSettings expected{};
  bool is_off = false;
};

/// Who fetches the callbacks of which provider.
struct AccountFacts {
  const common::ProviderTable& rows;
  AccountNames names{};

  /// By the first record that names a provider.
  [[nodiscard]] std::optional<std::string> Of(const Timeline& timeline) const {
    for (const TraceEvent& event : timeline.events) {
      if (event.provider) return AccountOf(names, rows, *event.provider);
    }
    return std::nullopt;
  }
};

/// Whether consumer still waits for an announced process, and why nothing has come.
void ExplainExpected(TraceReport& report, TraceReader& reader,
                     const std::vector<InstanceFacts>& instances, const ExpectationFacts& watching,
                     const AccountFacts& accounts) {
  const Expectation& expected = *report.timeline.expected;
  const common::WallTime now = common::WallNow();
  const Waits waits = JudgeExpected(expected.announced_at, watching.expected, now);
  if (waits == Waits::kNo) {
    report.timeline.verdict = TraceVerdict::kUnknown;
    return;
  }
  const TraceEvent announcement{
      .what = TraceEvent::What::kAnnounced, .at = expected.announced_at, .place = expected.place};
  WaitFacts facts = reader.LookAt(report.id, expected.place.partition);
  facts.instances = instances;
  facts.account = accounts.Of(report.timeline);
  report.waiting = JudgeWaiting(announcement, facts, now);
  if (watching.is_off) {
    report.waiting->detail += "; consumer does not watch for it, since `expected` is not set";
  } else if (waits == Waits::kIfItCouldNotAsk) {
    report.waiting->detail +=
        "; `expected.max_wait` has passed: consumer waits only if it could not ask the API before";
  } else if (expected.within) {
    report.waiting->detail +=
        "; it is due at " + common::FormatRfc3339(expected.announced_at + *expected.within);
  }
}

/// The timeline of one key and, if a callback waits or all of them may be hidden, why.
TraceReport Explain(const std::string& key, const TracedKey& traced, TraceReader& reader,
                    const std::vector<InstanceFacts>& instances, const ExpectationFacts& watching,
                    const AccountFacts& accounts) {
  TraceReport report{.id = key, .timeline = traced.facts.Judge(reader.committed())};
  std::optional<TraceEvent> waiting = report.timeline.waiting;
  if (!waiting && report.timeline.events.empty()) {
    for (const common::Partition partition : traced.partitions) {
      const auto cut = reader.FindCut(partition);
      if (!cut || waiting) continue;
      waiting = TraceEvent{.at = cut->since.value_or(common::WallNow()),
                           .place = {cut->partition, cut->offset}};
    }
    report.may_be_elsewhere = reader.MayBeElsewhere();
  }
  if (!waiting && report.timeline.expected) {
    ExplainExpected(report, reader, instances, watching, accounts);
    return report;
  }
  if (!waiting) return report;
  WaitFacts facts = reader.LookAt(key, waiting->place.partition);
  facts.instances = instances;
  facts.account = accounts.Of(report.timeline);
  report.waiting = JudgeWaiting(*waiting, facts, common::WallNow());
  return report;
}

std::vector<std::string> NotesOf(const TraceReader& reader,
                                 const std::vector<InstanceFacts>& instances) {
  std::vector<std::string> notes = reader.notes();
  for (const InstanceFacts& instance : instances) {
    if (!instance.error.empty()) notes.push_back(instance.url + ": " + instance.error);
  }
  return notes;
}

}  // namespace

Result<TraceRequest> ReadTraceRequest(const Arguments& arguments) {
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

Result<TraceAnswer> AnswerTrace(const TraceRequest& request, const ClusterSettings& settings,
                                const Arguments& arguments, Progress& progress,
                                const std::stop_token& stop) {
  const auto reader = TraceReader::Open(settings, progress, stop);
  if (!reader) return reader.error();
  auto keys = reader.value()->Read(request);
  progress.Clear();
  if (!keys) return keys.error();
  const std::vector<InstanceFacts> instances = AskInstances(arguments, settings);
  if (keys->empty() && !request.is_dossier) {
    (*keys)[request.id].partitions = reader.value()->PartitionsOf(request.id);
  }
  const ExpectationFacts watching{
      .expected = settings.expected.value_or(common::ExpectedSettings()),
      .is_off = arguments.Has("--config") && !settings.expected};
  const AccountFacts accounts{.rows = settings.providers,
                              .names = ReadAccountNames(arguments, settings.providers)};
  TraceAnswer answer;
  for (const auto& [key, traced] : *keys) {
    if (stop.stop_requested()) return Interrupted();
    answer.reports.push_back(Explain(key, traced, *reader.value(), instances, watching, accounts));
    answer.reports.back().from = request.from;
  }
  answer.notes = NotesOf(*reader.value(), instances);
  return answer;
}

std::string RenderJson(const std::vector<TraceReport>& reports, const TraceRequest& request,
                       const common::TopicNames& topics) {
  std::vector<std::string> objects;
  objects.reserve(reports.size());
  for (const TraceReport& report : reports) objects.push_back(RenderJson(report, topics));
  return request.is_dossier ? RenderArray(objects) : objects.front();
}

}  // namespace ctl
