#include "ops/ctl/erase/erase_report.h"

#include <algorithm>

#include "common/json/object_writer.h"
#include "ops/ctl/records/record_position.h"
#include "ops/ctl/shell/output.h"

namespace ctl {
namespace {

using common::FormatRfc3339;
using common::json::ObjectWriter;
using common::json::Quote;
using When = RecordEnd::When;

std::size_t CountOf(const EraseReport& report, When when) {
  return static_cast<std::size_t>(
      std::count_if(report.records.begin(), report.records.end(),
                    [&](const NamingRecord& record) { return record.end.when == when; }));
}

bool IsClean(const EraseReport& report) { return report.records.empty() && report.spooled.empty(); }

std::string Counted(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string RenderVerdict(const EraseReport& report) {
  std::string line = "dossier " + Printable(report.dossier) + ": ";
  if (IsClean(report)) {
    line += report.gaps.empty() ? "no record names it" : "no record that was read names it";
  } else {
    line += Counted(report.records.size(), "record") + " on topics";
    if (!report.spooled.empty()) {
      line += ", " + Counted(report.spooled.size(), "callback") + " in spools";
    }
  }
  common::WallTime last{};
  for (const NamingRecord& record : report.records) {
    if (record.end.when == When::kBy) last = std::max(last, record.end.by);
  }
  if (last != common::WallTime{}) line += ", the last gone by " + FormatRfc3339(last);
  if (const auto never = CountOf(report, When::kNever)) {
    line += ", " + std::to_string(never) + " never";
  }
  if (const auto unknown = CountOf(report, When::kUnknown)) {
    line += ", " + std::to_string(unknown) + " at an unknown time";
  }
  if (report.at_signicat) {
    line += "; at Signicat: " + std::string(ToText(report.at_signicat->outcome));
  }
  return line + "\n";
}

std::string TextOf(const RecordEnd& end) {
  if (end.when == When::kBy) return "by " + FormatRfc3339(end.by);
  return std::string(ToText(end.when)) + ": " + Printable(end.why);
}

std::string TableOf(const std::vector<NamingRecord>& records) {
  std::vector<std::vector<std::string>> rows;
  rows.reserve(records.size());
  for (const NamingRecord& record : records) {
    rows.push_back({Printable(record.topic), ToText(record.place), FormatRfc3339(record.at),
                    std::string(ToText(record.what)), std::string(ToText(record.how)),
                    TextOf(record.end)});
  }
  return RenderTable({"TOPIC", "PLACE", "TIME", "IS A", "NAMES IT", "GONE"}, rows);
}

constexpr const char* kUntilKafka = "unknown: once Kafka takes it, and its page is overwritten";
constexpr const char* kUntilRetried = "never: an operator retries it, or deletes the file";

const char* EndOf(const NamingSpooled& spooled) {
  return spooled.is_refused ? kUntilRetried : kUntilKafka;
}

std::string TableOf(const std::vector<NamingSpooled>& spooled) {
  std::vector<std::vector<std::string>> rows;
  rows.reserve(spooled.size());
  for (const NamingSpooled& callback : spooled) {
    rows.push_back({Printable(callback.path), Printable(callback.request_id),
                    FormatRfc3339(callback.received_at), EndOf(callback)});
  }
  return RenderTable({"SPOOL", "REQUEST ID", "RECEIVED", "GONE"}, rows);
}

std::string TextOf(const DeletionReport& deletion) {
  std::string line = "at Signicat: " + std::string(ToText(deletion.outcome));
  if (deletion.status != 0) line += ", status " + std::to_string(deletion.status);
  line += ", " + Counted(static_cast<std::size_t>(deletion.attempts), "request");
  if (!deletion.why.empty()) line += ": " + Printable(deletion.why);
  if (!deletion.trace_id.empty()) line += " (traceId " + Printable(deletion.trace_id) + ")";
  return line + "\n";
}

std::string ToJson(const NamingRecord& record) {
  const bool has_end = record.end.when == When::kBy;
  return ObjectWriter()
      .Text("topic", record.topic)
      .Number("partition", record.place.partition.number())
      .Number("offset", record.place.offset.number())
      .Text("at", FormatRfc3339(record.at))
      .Text("is", ToText(record.what))
      .Text("names", ToText(record.how))
      .Text("gone", ToText(record.end.when))
      .TextOrNull("goneBy", has_end ? std::optional(FormatRfc3339(record.end.by)) : std::nullopt)
      .TextOrNull("why", has_end ? std::nullopt : std::optional(record.end.why))
      .Finish();
}

std::string ToJson(const NamingSpooled& callback) {
  return ObjectWriter()
      .Text("path", callback.path)
      .Text("state", callback.is_refused ? "refused" : "waiting")
      .Text("requestId", callback.request_id)
      .Text("receivedAt", FormatRfc3339(callback.received_at))
      .Text("gone", ToText(callback.is_refused ? When::kNever : When::kUnknown))
      .Finish();
}

std::string ToJson(const DeletionReport& deletion) {
  const auto text = [](const std::string& value) {
    return value.empty() ? std::nullopt : std::optional(value);
  };
  return ObjectWriter()
      .Text("outcome", ToText(deletion.outcome))
      .Number("status", deletion.status)
      .Number("attempts", deletion.attempts)
      .TextOrNull("why", text(deletion.why))
      .TextOrNull("traceId", text(deletion.trace_id))
      .Finish();
}

template <typename Items, typename Render>
std::string ArrayOf(const Items& items, const Render& render) {
  std::vector<std::string> values;
  values.reserve(items.size());
  for (const auto& item : items) values.push_back(render(item));
  return RenderArray(values);
}

}  // namespace

std::string_view ToText(NamingRecord::What what) {
  switch (what) {
    case NamingRecord::What::kCallback:
      return "callback";
    case NamingRecord::What::kResult:
      return "result";
    case NamingRecord::What::kAnnouncement:
      return "announcement";
    case NamingRecord::What::kLetter:
      return "dead letter";
    case NamingRecord::What::kMarker:
      return "marker";
  }
  return "";
}

std::string_view ToText(NamingRecord::How how) {
  switch (how) {
    case NamingRecord::How::kField:
      return "dossierId";
    case NamingRecord::How::kText:
      return "somewhere";
    case NamingRecord::How::kKey:
      return "key";
    case NamingRecord::How::kHash:
      return "hash";
  }
  return "";
}

std::string RenderText(const EraseReport& report) {
  std::string text = RenderVerdict(report);
  if (!report.records.empty()) text += "\n" + TableOf(report.records);
  if (!report.spooled.empty()) text += "\n" + TableOf(report.spooled);
  if (report.at_signicat) text += "\n" + TextOf(*report.at_signicat);
  if (!report.gaps.empty() || !report.remarks.empty()) text += "\n";
  for (const std::string& gap : report.gaps) text += "not read: " + Printable(gap) + "\n";
  for (const std::string& remark : report.remarks) text += "note: " + Printable(remark) + "\n";
  return text;
}

std::string RenderJson(const EraseReport& report) {
  const auto to_json = [](const auto& item) { return ToJson(item); };
  const auto quote = [](const std::string& sentence) { return Quote(sentence); };
  return ObjectWriter()
             .Text("dossier", report.dossier)
             .Bool("complete", report.gaps.empty())
             .Raw("records", ArrayOf(report.records, to_json))
             .Raw("spooled", ArrayOf(report.spooled, to_json))
             .RawOrNull("atSignicat", report.at_signicat
                                          ? std::optional(ToJson(*report.at_signicat))
                                          : std::nullopt)
             .Raw("notRead", ArrayOf(report.gaps, quote))
             .Raw("notes", ArrayOf(report.remarks, quote))
             .Finish() +
         "\n";
}

int StatusOf(const EraseReport& report) {
  const auto has = [&](DeletionOutcome outcome) {
    return report.at_signicat && report.at_signicat->outcome == outcome;
  };
  if (!report.gaps.empty() || has(DeletionOutcome::kUnavailable)) return 1;
  const bool stays = CountOf(report, When::kBy) < report.records.size() || !report.spooled.empty();
  if (stays || has(DeletionOutcome::kRefused)) return 3;
  return IsClean(report) && !report.at_signicat ? 4 : 0;
}

}  // namespace ctl
