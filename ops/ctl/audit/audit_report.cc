#include "ops/ctl/audit/audit_report.h"

#include "common/json/object_writer.h"
#include "ops/ctl/records/record_position.h"
#include "ops/ctl/shell/output.h"

namespace ctl {
namespace {

using common::json::ObjectWriter;
using common::json::Quote;

std::string_view NameOf(AuditFault fault) {
  switch (fault) {
    case AuditFault::kNoMarker:
    case AuditFault::kNoResult:
      return "missing";
    case AuditFault::kUnmarked:
      return "unmarked";
    case AuditFault::kSurplus:
    case AuditFault::kReconciledToo:
      return "surplus";
  }
  return "";
}

std::string_view CodeOf(AuditFault fault) {
  switch (fault) {
    case AuditFault::kNoMarker:
      return "no-marker";
    case AuditFault::kNoResult:
      return "no-result";
    case AuditFault::kUnmarked:
      return "unmarked";
    case AuditFault::kSurplus:
      return "surplus";
    case AuditFault::kReconciledToo:
      return "reconciled-too";
  }
  return "";
}

std::string Explain(const AuditLine& line) {
  switch (line.finding.fault) {
    case AuditFault::kNoMarker:
      if (line.finding.stands_again) {
        return "it has no marker, no result, no dead letter, and stands on the topic twice: the "
               "group's offset belongs to another log, so it must start again";
      }
      return "it was skipped: no marker, no result, no dead letter";
    case AuditFault::kNoResult:
      return "its identity is marked as disposed of, but there is no result and no dead letter";
    case AuditFault::kUnmarked:
      return "it has a result or dead letter, but its identity has no marker: a redelivery "
             "would get another";
    case AuditFault::kSurplus:
      if (!line.finding.first) {
        return "it has a result or dead letter, although its identity had been disposed of before";
      }
      if (*line.finding.first == line.finding.offset)
        return "it has several results or dead letters";
      return "it has a result or dead letter, and so has " +
             ToText(common::RecordPosition{line.partition, *line.finding.first}) +
             ", the same fact within the window";
    case AuditFault::kReconciledToo:
      return "it has a result or dead letter, and its process got a result without a callback "
             "afterwards";
  }
  return "";
}

std::string Padded(std::string text, std::size_t width) {
  text += std::string(PaddingTo(width, text), ' ');
  return text + "  ";
}

std::int64_t Count(std::size_t number) { return static_cast<std::int64_t>(number); }

std::string Callbacks(std::size_t number) {
  return std::to_string(number) + (number == 1 ? " callback" : " callbacks");
}

}  // namespace

void AuditTally::Count(AuditFault fault) {
  if (IsMissing(fault)) ++missing;
  if (fault == AuditFault::kSurplus || fault == AuditFault::kReconciledToo) ++surplus;
  if (fault == AuditFault::kUnmarked) ++unmarked;
}

bool IsMissing(AuditFault fault) {
  return fault == AuditFault::kNoMarker || fault == AuditFault::kNoResult;
}

std::string RenderText(const AuditLine& line) {
  const std::string name =
      line.process ? "process " + *line.process : "unreadable body, key " + line.key;
  return Padded(std::string(NameOf(line.finding.fault)), 8) +
         Padded(ToText(common::RecordPosition{line.partition, line.finding.offset}), 10) +
         Padded(Printable(name), 44) + Padded(Printable(line.provider), 9) +
         Padded(Printable(line.status.value_or("-")), 12) + common::FormatRfc3339(line.time) +
         "  " + Explain(line) + "\n";
}

std::string RenderJson(const AuditLine& line) {
  ObjectWriter writer;
  writer.Text("finding", NameOf(line.finding.fault))
      .Text("why", CodeOf(line.finding.fault))
      .Number("partition", line.partition.number())
      .Number("offset", line.finding.offset.number())
      .Text("key", line.key)
      .Text("provider", line.provider)
      .TextOrNull("dossierId", line.dossier)
      .TextOrNull("processId", line.process)
      .TextOrNull("status", line.status)
      .Text("time", common::FormatRfc3339(line.time));
  if (line.finding.first) writer.Number("firstOffset", line.finding.first->number());
  return writer.Finish();
}

std::string RenderText(const AuditSums& sums, const AuditTally& tally) {
  const AuditJudgement& judged = sums.judged;
  std::string text = Callbacks(judged.callbacks) + ": " + std::to_string(judged.disposed_of) +
                     " with a result or dead letter, " + std::to_string(judged.duplicates) +
                     " redelivered";
  const auto add = [&](std::int64_t number, std::string_view what) {
    if (number > 0) text += ", " + std::to_string(number) + " " + std::string(what);
  };
  add(Count(judged.ignored), "ignored");
  add(Count(judged.handed_over), "redriven");
  add(Count(judged.expired), "that can no longer be judged");
  add(Count(sums.under_way), "put back but not handled yet");
  add(Count(tally.missing), "missing");
  text += "\n";
  if (sums.reconciled > 0) {
    text += std::to_string(sums.reconciled) + " more " +
            (sums.reconciled == 1 ? "result is" : "results are") +
            " of announced processes whose callback had not come\n";
  }
  if (sums.waiting > 0) {
    text += std::to_string(sums.waiting) + " more wait: the group has not read them yet\n";
  }
  for (const std::string& note : sums.notes) text += "note: " + note + "\n";
  if (judged.expired > 0) {
    text += "note: the marker or the result of " + Callbacks(judged.expired) +
            " may have expired, so they cannot be judged\n";
  }
  if (sums.nameless_results > 0) {
    text +=
        "note: " + std::to_string(sums.nameless_results) + " results do not name their callback\n";
  }
  if (tally.without_row > 0) {
    text += "note: the rows of " + std::to_string(tally.without_row) +
            " missing ones are not known here, so they may have an outcome and are not put back. "
            "Pass consumer's file: --config\n";
  }
  if (tally.put_back) {
    text += std::to_string(*tally.put_back) + " put back";
    text += *tally.put_back > 0 ? "; audit again once they are handled\n" : "\n";
  }
  if (tally.IsClean()) {
    text += ExitStatusOf(sums, tally) == 0 ? "nothing is missing, nothing is there twice\n"
                                           : "nothing else is missing, nothing is there twice\n";
    return text;
  }
  text += "FOUND: " + std::to_string(tally.missing) + " missing, " + std::to_string(tally.surplus) +
          " surplus, " + std::to_string(tally.unmarked) + " unmarked\n";
  return text;
}

std::string RenderJson(const AuditSums& sums, const AuditTally& tally) {
  std::string notes;
  for (const std::string& note : sums.notes) notes += (notes.empty() ? "" : ",") + Quote(note);
  ObjectWriter writer;
  writer.Bool("ok", ExitStatusOf(sums, tally) == 0)
      .Number("callbacks", Count(sums.judged.callbacks))
      .Number("disposedOf", Count(sums.judged.disposed_of))
      .Number("redelivered", Count(sums.judged.duplicates))
      .Number("ignored", Count(sums.judged.ignored))
      .Number("redriven", Count(sums.judged.handed_over))
      .Number("expired", Count(sums.judged.expired))
      .Number("reconciled", sums.reconciled)
      .Number("underWay", Count(sums.under_way))
      .Number("waiting", sums.waiting)
      .Number("missing", Count(tally.missing))
      .Number("surplus", Count(tally.surplus))
      .Number("unmarked", Count(tally.unmarked))
      .Number("namelessResults", sums.nameless_results)
      .Bool("lostUnread", sums.has_lost_unread);
  if (tally.without_row > 0) writer.Number("withoutRow", Count(tally.without_row));
  if (tally.put_back) writer.Number("putBack", Count(*tally.put_back));
  return writer.Raw("notes", "[" + notes + "]").Finish();
}

int ExitStatusOf(const AuditSums& sums, const AuditTally& tally) {
  if (!tally.IsClean()) return kFound;
  return sums.judged.expired > 0 || sums.has_lost_unread ? 1 : 0;
}

}  // namespace ctl
