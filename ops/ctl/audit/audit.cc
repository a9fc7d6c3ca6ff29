#include "ops/ctl/audit/audit.h"

#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>

#include "common/callback/callback_facts.h"
#include "common/runtime/shutdown.h"
#include "ops/ctl/audit/announced_audit.h"
#include "ops/ctl/audit/audit_report.h"
#include "ops/ctl/audit/audit_survey.h"
#include "ops/ctl/audit/deep_audit.h"
#include "ops/ctl/audit/healing.h"
#include "ops/ctl/audit/row_check.h"
#include "ops/ctl/kafka/record_producer.h"
#include "ops/ctl/shell/command_line.h"
#include "ops/ctl/shell/output.h"

namespace ctl {
namespace {

using common::Result;
using common::WallTime;

Result<AuditLedger::Range> ReadRange(const Arguments& arguments) {
  const WallTime now = common::WallNow();
  const Result<std::optional<WallTime>> from = arguments.From(now);
  if (!from) return from.error();
  Result<std::optional<WallTime>> to = arguments.Time("--to");
  if (!to) return to.error();
  if (!*to && arguments.Has("--since")) *to = now;
  if (!*from || !*to) return Reject("--from TIME and --to TIME, or --since DURATION, are required");
  if (**from >= **to) return Reject("--from must be before --to");
  return AuditLedger::Range{**from, **to};
}

AuditLine LineOf(const AuditFinding& finding, const ScannedRecord& record,
                 const common::ProviderTable& providers) {
  const common::CallbackFacts facts =
      common::ReadCallback(record.value(), record.headers(), providers);
  AuditLine line{.finding = finding,
                 .partition = record.partition(),
                 .key = std::string(record.key()),
                 .provider = facts.provider,
                 .dossier = {},
                 .process = {},
                 .status = facts.status,
                 .time = record.time()};
  if (facts.is_readable) {
    line.dossier = facts.dossier.str();
    line.process = facts.process.str();
  }
  return line;
}

/// Writes each finding immediately, since there may be many.
class Report {
 public:
  Report(Output& output, const ClusterSettings& settings, RowSource rows, RecordProducer* producer)
      : output_(output), settings_(settings), rows_(rows), producer_(producer) {}

  void Begin(AuditLedger::Range range) {
    if (!output_.is_json) return;
    output_.out << R"({"from":")" << common::FormatRfc3339(range.from) << R"(","to":")"
                << common::FormatRfc3339(range.to) << R"(",)";
  }

  void BeginFindings() {
    if (output_.is_json) output_.out << R"("findings":[)" << std::flush;
  }

  void Add(const AuditFinding& finding, const ScannedRecord& record) {
    const AuditLine line = LineOf(finding, record, settings_.providers);
    const bool is_first = tally_.IsClean();
    tally_.Count(finding.fault);
    if (output_.is_json) {
      output_.out << (is_first ? "\n" : ",\n") << RenderJson(line);
    } else {
      output_.out << RenderText(line);
    }
    if (!IsMissing(finding.fault)) return;
    if (LacksRow(record.headers(), settings_.providers, rows_)) {
      ++tally_.without_row;
      return;
    }
    if (producer_ == nullptr) return;
    const auto healing = HealingOf(finding, record, settings_.topics.callbacks);
    if (!healing) return;
    // End() reports failures.
    static_cast<void>(producer_->Send({.place = {record.partition(), record.offset()},
                                       .partition = healing->partition,
                                       .key = record.key(),
                                       .value = record.value(),
                                       .headers = healing->headers}));
  }

  /// `sums`: none if the audit did not finish.
  void End(const std::optional<AuditSums>& sums) {
    if (producer_ != nullptr) tally_.put_back = producer_->stored();
    if (output_.is_json) {
      output_.out << (tally_.IsClean() ? "" : "\n") << R"(],"complete":)"
                  << (sums ? R"(true,"summary":)" + RenderJson(*sums, tally_) : "false") << "}\n";
    } else if (sums) {
      output_.out << RenderText(*sums, tally_);
    } else if (tally_.put_back) {
      output_.out << *tally_.put_back << " put back before that; repeat the command for the rest\n";
    }
    output_.out.flush();
  }

  [[nodiscard]] const AuditTally& tally() const { return tally_; }

 private:
  Output& output_;
  const ClusterSettings& settings_;
  RowSource rows_;
  RecordProducer* producer_;
  AuditTally tally_;
};

Result<int> Audit(const Arguments& arguments, Output& output) {
  const Result<AuditLedger::Range> range = ReadRange(arguments);
  if (!range) return range.error();
  const Result<ClusterSettings> settings = ReadClusterSettings(arguments);
  if (!settings) return settings.error();
  if (arguments.Has("--expected")) {
    if (arguments.Has("--redrive")) {
      return Reject("--redrive has nothing to put back of callbacks that never came");
    }
    if (arguments.Has("--deep")) return Reject("--deep and --expected exclude each other");
    return AuditAnnounced(*settings, *range, output);
  }

  const common::Shutdown shutdown;  // Before the clients: it blocks signals in their threads.
  const auto survey = AuditSurvey::Open(*settings, *range, output, shutdown.token());
  if (!survey) return survey.error();
  std::unique_ptr<RecordProducer> producer;
  if (arguments.Has("--redrive")) {
    Result<std::unique_ptr<RecordProducer>> opened =
        RecordProducer::Open(*settings, settings->topics.callbacks, shutdown.token());
    if (!opened) return opened.error();
    producer = *std::move(opened);
  }

  const RowSource rows = arguments.Has("--config") ? RowSource::kFile : RowSource::kBuiltIn;
  Report report(output, *settings, rows, producer.get());
  report.Begin(*range);
  bool has_anomalies = false;
  if (arguments.Has("--deep")) {
    const auto checked = AuditHistory(*settings, range->from, output, shutdown.token());
    if (!checked) {
      report.BeginFindings();
      report.End(std::nullopt);
      return checked.error();
    }
    has_anomalies = !checked->IsClean();
  }
  report.BeginFindings();
  const Result<AuditSums> sums =
      survey.value()->Run([&](const AuditFinding& finding, const ScannedRecord& record) {
        report.Add(finding, record);
      });
  if (producer) producer->Finish();
  report.End(sums ? std::optional(*sums) : std::nullopt);
  if (!sums && has_anomalies && !shutdown.token().stop_requested()) {
    output.err << "sluicectl: " << sums.error().detail << "\n";
    return kFound;
  }
  if (!sums) return sums.error();
  if (producer && producer->WhyFailed()) return *producer->WhyFailed();
  return has_anomalies ? kFound : ExitStatusOf(*sums, report.tally());
}

}  // namespace

std::vector<Command> AuditCommands() {
  return {
      {"audit",
       "proves that each callback of a time range has one result or dead letter. Status 0: it "
       "has;\n"
       "3: an outcome is missing or surplus; 1: some callbacks could not be judged",
       {{"--from", "TIME", "RFC 3339, inclusive: time of the record on callbacks"},
        SinceOption(),
        {"--to", "TIME", "RFC 3339, exclusive; now, if --since is given"},
        {"--expected", "",
         "instead: lists processes announced in that time whose callback is overdue and that have "
         "no result"},
        {"--deep", "",
         "also finds torn, aborted and hanging transactions, records without their markers, "
         "foreign documents, wrong partitions and offsets that do not fit"},
        {"--redrive", "", "puts missing ones back on callbacks, to be handled once"}},
       Audit}};
}

}  // namespace ctl
